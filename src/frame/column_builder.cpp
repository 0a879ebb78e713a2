#include "partita/frame/column_builder.hpp"

#include <limits>

namespace partita::frame {

namespace {

struct Built {
    GrowingBuffer<std::byte> values;
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
    if (type_ == Type::text)
        offsets_.push_back(values_.size());
    else
        std::memset(values_.extend(bytes_), 0, static_cast<std::size_t>(bytes_));
    ++size_;
}

void ColumnBuilder::append_rows(Column const& from, std::int64_t first, std::int64_t last) {
    std::int64_t const count = last - first;
    if (count <= 0) return;
    mark(from.nulls() ? from.nulls() + first : nullptr, count);
    if (type_ == Type::text) {
        std::int64_t const shift = values_.size() - from.offsets()[first];
        std::int64_t* const starts = offsets_.extend(count);
        for (std::int64_t i = 0; i < count; ++i) starts[i] = from.offsets()[first + i] + shift;
        values_.append(reinterpret_cast<std::byte const*>(from.bytes()) + from.offsets()[first],
                       static_cast<std::int64_t>(from.offsets()[last]) - from.offsets()[first]);
    } else {
        values_.append(static_cast<std::byte const*>(from.raw_values()) + first * bytes_,
                       count * bytes_);
    }
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
    offsets_.clear();
    return {size, built->offsets.data(), reinterpret_cast<char const*>(built->values.data()), marks,
            built};
}

}  // namespace partita::frame
