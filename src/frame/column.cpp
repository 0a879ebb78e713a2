#include "partita/frame/column.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

namespace partita::frame {

namespace {

/// The arrays of a column that owns itself.
struct Arrays {
    Buffer<std::byte> values;
    Buffer<std::uint32_t> codes;
    Buffer<std::uint32_t> offsets;
    Buffer<std::uint8_t> nulls;
};

template <class T>
void gather(void const* from, std::span<std::uint32_t const> rows, std::byte* out) {
    auto const* const values = static_cast<T const*>(from);
    T* const to = reinterpret_cast<T*>(out);
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = values[rows[i]];
}

void gather_values(Column const& column, std::span<std::uint32_t const> rows, std::byte* out) {
    void const* const from = column.raw_values();
    auto const bytes = static_cast<std::size_t>(column.value_bytes());
    if (column.type() == Type::vector) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memcpy(out + i * bytes, static_cast<std::byte const*>(from) + rows[i] * bytes,
                        bytes);
        return;
    }
    switch (bytes) {
        case 8:
            return gather<std::uint64_t>(from, rows, out);
        case 4:
            return gather<std::uint32_t>(from, rows, out);
        default:
            return gather<std::uint8_t>(from, rows, out);
    }
}

void gather_texts(Column const& from, std::span<std::uint32_t const> rows, Arrays& out) {
    out.offsets = Buffer<std::uint32_t>(static_cast<std::int64_t>(rows.size()) + 1);
    std::int64_t end = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.offsets.data()[i] = static_cast<std::uint32_t>(end);
        end += std::ssize(from.text(rows[i]));
    }
    check(end <= std::numeric_limits<std::uint32_t>::max(),
          "expected at most 4 GiB of text in a block of a column, got {} bytes", end);
    out.offsets.data()[rows.size()] = static_cast<std::uint32_t>(end);
    out.values = Buffer<std::byte>(end);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string_view const text = from.text(rows[i]);
        std::memcpy(out.values.data() + out.offsets.data()[i], text.data(), text.size());
    }
}

/// The codes of the rows, with a copy of the dictionary.
void gather_codes(Column const& from, std::span<std::uint32_t const> rows, Arrays& out) {
    auto const size = static_cast<std::int64_t>(rows.size());
    out.codes = Buffer<std::uint32_t>(size);
    gather<std::uint32_t>(from.codes(), rows, reinterpret_cast<std::byte*>(out.codes.data()));
    Column const dictionary = from.dictionary();
    std::uint32_t const first = dictionary.offsets()[0];
    out.offsets = Buffer<std::uint32_t>(dictionary.size() + 1);
    for (std::int64_t i = 0; i <= dictionary.size(); ++i)
        out.offsets[i] = dictionary.offsets()[i] - first;
    out.values = Buffer<std::byte>(dictionary.text_bytes());
    if (out.values.size() > 0)
        std::memcpy(out.values.data(), dictionary.bytes() + first,
                    static_cast<std::size_t>(out.values.size()));
}

}  // namespace

Column::Column(Type type, std::int64_t size, void const* values, std::uint8_t const* nulls,
               std::shared_ptr<void const> owner)
    : type_(type), size_(size), values_(values), nulls_(nulls), owner_(std::move(owner)) {}

Column::Column(std::int64_t size, std::uint32_t const* offsets, char const* bytes,
               std::uint8_t const* nulls, std::shared_ptr<void const> owner)
    : type_(Type::text),
      size_(size),
      offsets_(offsets),
      bytes_(bytes),
      nulls_(nulls),
      owner_(std::move(owner)) {}

Column Column::coded(std::int64_t size, std::uint32_t const* codes, std::int64_t entries,
                     std::uint32_t const* offsets, char const* bytes, std::uint8_t const* nulls,
                     std::shared_ptr<void const> owner) {
    Column column(size, offsets, bytes, nulls, std::move(owner));
    column.codes_ = codes;
    column.entries_ = entries;
    return column;
}

Column Column::vectors(std::int64_t width, std::int64_t size, float const* numbers,
                       std::uint8_t const* nulls, std::shared_ptr<void const> owner) {
    Column column(Type::vector, size, numbers, nulls, std::move(owner));
    column.width_ = width;
    return column;
}

std::int64_t Column::value_bytes() const {
    return type_ == Type::vector ? width_ * static_cast<std::int64_t>(sizeof(float))
                                 : frame::value_bytes(type_);
}

template <class T>
T const* Column::values() const {
    if (!holds<T>(type_)) fail("a column of {} was read as another type", to_string(type_));
    return static_cast<T const*>(values_);
}

template std::int64_t const* Column::values<std::int64_t>() const;
template double const* Column::values<double>() const;
template float const* Column::values<float>() const;
template std::uint8_t const* Column::values<std::uint8_t>() const;

Column Column::dictionary() const { return {entries_, offsets_, bytes_, nullptr, owner_}; }

std::int64_t Column::text_bytes() const {
    if (size_ == 0) return 0;
    if (!codes_) return offsets_[size_] - offsets_[0];
    std::int64_t bytes = 0;
    for (std::int64_t row = 0; row < size_; ++row) bytes += std::ssize(text(row));
    return bytes;
}

std::int64_t Column::null_count() const {
    return nulls_ ? std::accumulate(nulls_, nulls_ + size_, std::int64_t{0}) : 0;
}

Column Column::slice(std::int64_t first, std::int64_t last) const {
    Column part = *this;
    part.size_ = last - first;
    if (nulls_) part.nulls_ += first;
    if (codes_)
        part.codes_ += first;
    else if (type_ == Type::text)
        part.offsets_ += first;
    else
        part.values_ = static_cast<std::byte const*>(values_) + first * value_bytes();
    return part;
}

Column Column::take(std::span<std::uint32_t const> rows) const {
    auto const arrays = std::make_shared<Arrays>();
    auto const size = static_cast<std::int64_t>(rows.size());
    if (nulls_) {
        arrays->nulls = Buffer<std::uint8_t>(size);
        std::uint8_t any = 0;
        for (std::size_t i = 0; i < rows.size(); ++i)
            any |= arrays->nulls.data()[i] = nulls_[rows[i]];
        if (!any) arrays->nulls = Buffer<std::uint8_t>();
    }
    std::uint8_t const* const marks = arrays->nulls.data();
    if (codes_ && dictionary_pays(entries_, size)) {
        gather_codes(*this, rows, *arrays);
        return coded(size, arrays->codes.data(), entries_, arrays->offsets.data(),
                     reinterpret_cast<char const*>(arrays->values.data()), marks, arrays);
    }
    if (type_ == Type::text) {
        gather_texts(*this, rows, *arrays);
        return {size, arrays->offsets.data(), reinterpret_cast<char const*>(arrays->values.data()),
                marks, arrays};
    }
    arrays->values = Buffer<std::byte>(size * value_bytes());
    gather_values(*this, rows, arrays->values.data());
    Column taken(type_, size, arrays->values.data(), marks, arrays);
    taken.width_ = width_;
    return taken;
}

Column Column::with_nulls(std::uint8_t const* nulls,
                          std::shared_ptr<void const> nulls_owner) const {
    // A column that keeps the marks alive must keep its values alive too.
    ColumnBuilder copy = ColumnBuilder::like(*this);
    if (!owner_) copy.append_rows(*this, 0, size_);
    Column marked = owner_ ? *this : copy.finish();
    marked.nulls_ = nulls;
    using Both = std::pair<std::shared_ptr<void const>, std::shared_ptr<void const>>;
    marked.owner_ = std::make_shared<Both>(marked.owner_, std::move(nulls_owner));
    return marked;
}

Column Column::as(Type type) const {
    check(holds<std::int64_t>(type_) && holds<std::int64_t>(type), "cannot show {} as {}",
          to_string(type_), to_string(type));
    Column shown = *this;
    shown.type_ = type;
    return shown;
}

}  // namespace partita::frame
