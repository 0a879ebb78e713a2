#include "partita/frame/column_builder.hpp"

#include <limits>
#include <numeric>

namespace partita::frame {

namespace {

struct Built {
    GrowingBuffer<std::byte> values;
    GrowingBuffer<std::uint32_t> codes;
    Buffer<std::uint32_t> offsets;
    GrowingBuffer<std::uint8_t> nulls;
};

Buffer<std::uint32_t> narrowed(GrowingBuffer<std::int64_t>& starts, std::int64_t end) {
    check(end <= std::numeric_limits<std::uint32_t>::max(),
          "expected at most 4 GiB of text in a block of a column, got {} bytes", end);
    Buffer<std::uint32_t> offsets(starts.size() + 1);
    for (std::int64_t i = 0; i < starts.size(); ++i)
        offsets[i] = static_cast<std::uint32_t>(starts[i]);
    offsets[starts.size()] = static_cast<std::uint32_t>(end);
    return offsets;
}

}  // namespace

ColumnBuilder::ColumnBuilder(Field const& field)
    : type_(field.type), bytes_(value_bytes(field.type)), width_(field.width) {
    if (type_ == Type::vector) bytes_ = width_ * static_cast<std::int64_t>(sizeof(float));
}

void ColumnBuilder::append_vector(std::span<float const> numbers) {
    check(static_cast<std::int64_t>(numbers.size()) == width_,
          "expected a vector of {} numbers, got {}", width_, numbers.size());
    values_.append(reinterpret_cast<std::byte const*>(numbers.data()), bytes_);
    if (has_nulls_) nulls_.push_back(0);
    ++size_;
}

void ColumnBuilder::reserve(std::int64_t rows) {
    values_.reserve(rows * bytes_);
    if (type_ == Type::text) offsets_.reserve(rows);
}

/// Take over marks for `count` rows that were just added; null stands for none.
void ColumnBuilder::mark(std::uint8_t const* nulls, std::int64_t count) {
    if (!has_nulls_ && nulls && std::memchr(nulls, 1, static_cast<std::size_t>(count))) {
        has_nulls_ = true;
        if (size_ > 0) std::memset(nulls_.extend(size_), 0, static_cast<std::size_t>(size_));
    }
    if (!has_nulls_ || count == 0) return;
    std::uint8_t* const out = nulls_.extend(count);
    if (nulls)
        std::memcpy(out, nulls, static_cast<std::size_t>(count));
    else
        std::memset(out, 0, static_cast<std::size_t>(count));
}

void ColumnBuilder::append_null() {
    std::uint8_t const null = 1;
    mark(&null, 1);
    if (coded_) codes_.push_back(static_cast<std::uint32_t>(offsets_.size()));
    if (type_ == Type::text)
        offsets_.push_back(values_.size());
    else
        std::memset(values_.extend(bytes_), 0, static_cast<std::size_t>(bytes_));
    ++size_;
}

/// Texts of a column without a dictionary, one after another.
void ColumnBuilder::append_entries(Column const& texts, std::int64_t first, std::int64_t last) {
    std::int64_t const shift = values_.size() - texts.offsets()[first];
    std::int64_t* const starts = offsets_.extend(last - first);
    for (std::int64_t i = first; i < last; ++i) starts[i - first] = texts.offsets()[i] + shift;
    values_.append(reinterpret_cast<std::byte const*>(texts.bytes()) + texts.offsets()[first],
                   static_cast<std::int64_t>(texts.offsets()[last]) - texts.offsets()[first]);
}

/// Rows whose dictionary, if they have one, is not worth to be taken over.
void ColumnBuilder::append_texts(Column const& from, std::int64_t first, std::int64_t last) {
    if (coded_) {
        std::uint32_t* const codes = codes_.extend(last - first);
        std::iota(codes, codes + (last - first), static_cast<std::uint32_t>(offsets_.size()));
    }
    if (!from.codes()) return append_entries(from, first, last);
    for (std::int64_t row = first; row < last; ++row) {
        std::string_view const text = from.text(row);
        offsets_.push_back(values_.size());
        values_.append(reinterpret_cast<std::byte const*>(text.data()), std::ssize(text));
    }
}

void ColumnBuilder::append_coded(Column const& from, std::int64_t first, std::int64_t last) {
    if (!coded_ && size_ > 0) {
        std::uint32_t* const codes = codes_.extend(size_);
        std::iota(codes, codes + size_, std::uint32_t{0});
    }
    coded_ = true;
    auto const base = static_cast<std::uint32_t>(offsets_.size());
    std::uint32_t* const codes = codes_.extend(last - first);
    for (std::int64_t row = first; row < last; ++row) codes[row - first] = from.codes()[row] + base;
    append_entries(from.dictionary(), 0, from.entries());
}

void ColumnBuilder::append_rows(Column const& from, std::int64_t first, std::int64_t last) {
    std::int64_t const count = last - first;
    if (count <= 0) return;
    mark(from.nulls() ? from.nulls() + first : nullptr, count);
    if (type_ != Type::text)
        values_.append(static_cast<std::byte const*>(from.raw_values()) + first * bytes_,
                       count * bytes_);
    else if (from.codes() && Column::dictionary_pays(from.entries(), count))
        append_coded(from, first, last);
    else
        append_texts(from, first, last);
    size_ += count;
}

Column ColumnBuilder::finish() {
    auto const built = std::make_shared<Built>();
    std::int64_t const size = std::exchange(size_, 0);
    built->values = std::exchange(values_, {});
    built->nulls = std::exchange(nulls_, {});
    std::uint8_t const* const marks =
        std::exchange(has_nulls_, false) ? built->nulls.data() : nullptr;
    if (type_ == Type::vector)
        return Column::vectors(width_, size, reinterpret_cast<float const*>(built->values.data()),
                               marks, built);
    if (type_ != Type::text) return {type_, size, built->values.data(), marks, built};
    built->offsets = narrowed(offsets_, built->values.size());
    built->codes = std::exchange(codes_, {});
    auto const entries = offsets_.size();
    offsets_.clear();
    auto const* const bytes = reinterpret_cast<char const*>(built->values.data());
    if (std::exchange(coded_, false))
        return Column::coded(size, built->codes.data(), entries, built->offsets.data(), bytes,
                             marks, built);
    return {size, built->offsets.data(), bytes, marks, built};
}

}  // namespace partita::frame
