#include "partita/format/vector_encoder.hpp"

#include "format/byte_order.hpp"
#include "format/element_convert.hpp"
#include "format/idx_header.hpp"
#include "format/npy_header.hpp"
#include "format/vector_format.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"

#include <cstring>
#include <limits>

namespace partita::format {
namespace {

/// The parts of which a file of fixed-size rows consists.
struct RowLayout {
    std::vector<std::byte> header;
    std::vector<std::byte> row_start;  ///< Before each row's elements.
    ElementType stored = ElementType::float32;
    bool big_endian = false;
};

template <class T>
void append_little(std::vector<std::byte>& bytes, T value) {
    auto const* const first = reinterpret_cast<std::byte const*>(&value);
    for (std::size_t i = 0; i < sizeof value; ++i) bytes.push_back(first[i]);
}

void append_big(std::vector<std::byte>& bytes, std::uint32_t value) {
    append_little(bytes, __builtin_bswap32(value));
}

void check_at_most(std::string const& path, char const* what, std::int64_t value,
                   std::int64_t most) {
    check(value <= most, "{}: the format holds at most {} {}, got {}", path, most, what, value);
}

RowLayout vecs_layout(std::string const& path, VectorShape const& shape) {
    check_at_most(path, "dimensions", shape.dim, std::numeric_limits<std::int32_t>::max());
    RowLayout layout;
    append_little(layout.row_start, static_cast<std::int32_t>(shape.dim));
    return layout;
}

RowLayout bin_layout(std::string const& path, VectorShape const& shape) {
    check_at_most(path, "rows", shape.rows, std::numeric_limits<std::uint32_t>::max());
    check_at_most(path, "dimensions", shape.dim, std::numeric_limits<std::uint32_t>::max());
    RowLayout layout;
    append_little(layout.header, static_cast<std::uint32_t>(shape.rows));
    append_little(layout.header, static_cast<std::uint32_t>(shape.dim));
    return layout;
}

RowLayout idx_layout(std::string const& path, VectorShape const& shape) {
    check(!path.ends_with(".gz"), "{}: idx files are read gzipped but written plain", path);
    check_at_most(path, "rows", shape.rows, std::numeric_limits<std::uint32_t>::max());
    check_at_most(path, "dimensions", shape.dim, std::numeric_limits<std::uint32_t>::max());
    RowLayout layout;
    layout.big_endian = true;
    layout.header = {std::byte{0}, std::byte{0}, std::byte{idx_type_code(shape.type)},
                     std::byte{2}};
    append_big(layout.header, static_cast<std::uint32_t>(shape.rows));
    append_big(layout.header, static_cast<std::uint32_t>(shape.dim));
    return layout;
}

/// `shape` has the stored type.
RowLayout layout_for(std::string const& path, VectorShape const& shape) {
    switch (format_of_name(path).layout) {
        case Layout::npy:
            return {npy_header_bytes(shape.type, shape.rows, shape.dim), {}};
        case Layout::vecs:
            return vecs_layout(path, shape);
        case Layout::bin:
            return bin_layout(path, shape);
        case Layout::idx:
            return idx_layout(path, shape);
        case Layout::unknown:
            break;
    }
    fail("{}: unknown vector format; the known ones are {}", path, known_formats);
}

class RowEncoder final : public VectorEncoder {
  public:
    RowEncoder(std::string path, VectorShape const& shape, RowLayout layout)
        : path_(std::move(path)), shape_(shape), layout_(std::move(layout)) {}

    std::vector<std::byte> header() const override { return layout_.header; }

    std::int64_t row_bytes() const override {
        return static_cast<std::int64_t>(layout_.row_start.size() +
                                         static_cast<std::size_t>(shape_.dim) *
                                             size_of(layout_.stored));
    }

    void encode(void const* rows, std::int64_t count, std::byte* out) const override {
        auto const* row = static_cast<std::byte const*>(rows);
        std::int64_t const given_bytes =
            shape_.dim * static_cast<std::int64_t>(size_of(shape_.type));
        for (std::int64_t i = 0; i < count; ++i, row += given_bytes, out += row_bytes())
            encode_row(row, out);
    }

  private:
    void encode_row(std::byte const* row, std::byte* out) const {
        auto const start = layout_.row_start.size();
        if (start > 0) std::memcpy(out, layout_.row_start.data(), start);
        std::byte* const values = out + start;
        std::int64_t const done =
            convert_while_fitting(shape_.type, row, layout_.stored, values, shape_.dim);
        if (done < shape_.dim)
            fail("{}: column {}: {}", path_, done,
                 misfit_text(shape_.type, row, done, layout_.stored));
        if (layout_.big_endian) swap_elements(values, shape_.dim, size_of(layout_.stored));
    }

    std::string path_;
    VectorShape shape_;
    RowLayout layout_;
};

}  // namespace

ElementType stored_type(std::string const& path, ElementType type) {
    VectorFormat const format = format_of_name(path);
    if (format.layout == Layout::npy) return type;
    if (format.layout == Layout::idx) return type == ElementType::int64 ? ElementType::int32 : type;
    check(format.layout != Layout::unknown, "{}: unknown vector format; the known ones are {}",
          path, known_formats);
    return format.type;
}

std::unique_ptr<VectorEncoder> encoder_for(std::string const& path, VectorShape const& shape) {
    check(shape.rows >= 0 && shape.dim > 0, "{}: expected a shape to write, got {} x {}", path,
          shape.rows, shape.dim);
    ElementType const stored = stored_type(path, shape.type);
    RowLayout layout = layout_for(path, {shape.rows, shape.dim, stored});
    layout.stored = stored;
    // Far from the limit of 64 bits, so that headers and row starts fit too.
    constexpr std::int64_t most_elements = std::numeric_limits<std::int64_t>::max() / 32;
    check(saturated_product(shape.rows, shape.dim) <= most_elements,
          "{}: {} x {} values are more than a file can hold", path, shape.rows, shape.dim);
    return std::make_unique<RowEncoder>(path, shape, std::move(layout));
}

}  // namespace partita::format
