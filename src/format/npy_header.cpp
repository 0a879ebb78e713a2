#include "format/npy_header.hpp"

#include "format/byte_order.hpp"
#include "format/npy_dict.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"

#include <charconv>
#include <cstring>
#include <string_view>

namespace partita::format {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::int64_t alignment = 64;  // where NumPy lets the data start
constexpr std::int64_t most_header_bytes = 1 << 20;

/// The header's text, and where the data start.
std::string read_dict_text(File const& file, std::int64_t& data_offset) {
    std::byte start[12] = {};
    std::int64_t const got = file.read_some_at(0, start, sizeof start);
    check(got >= 10 && std::memcmp(start, magic.data(), magic.size()) == 0,
          "{}: expected a .npy file, got other contents", file.path());
    int const major = static_cast<int>(start[6]), minor = static_cast<int>(start[7]);
    check(major >= 1 && major <= 3, "{}: expected .npy version 1, 2 or 3, got {}.{}", file.path(),
          major, minor);
    std::int64_t const text_offset = major == 1 ? 10 : 12;
    std::int64_t const text_bytes =
        major == 1 ? load_little<std::uint16_t>(start + 8) : load_little<std::uint32_t>(start + 8);
    check(text_bytes <= most_header_bytes, "{}: expected a header of at most {} bytes, got {}",
          file.path(), most_header_bytes, text_bytes);
    data_offset = text_offset + text_bytes;
    check(data_offset <= file.size(), "{}: expected a header of {} bytes, but the file has {}",
          file.path(), data_offset, file.size());
    std::string text(static_cast<std::size_t>(text_bytes), '\0');
    file.read_at(text_offset, text.data(), text_bytes);
    return text;
}

/// Split "<f4" into byte order, kind and size.
void parse_descr(std::string const& path, NpyHeader& header) {
    std::string_view rest = header.descr;
    bool const has_order = !rest.empty() && std::strchr("<>|=", rest.front()) != nullptr;
    if (has_order) {
        header.big_endian = rest.front() == '>';
        rest.remove_prefix(1);
    }
    header.kind = rest.empty() ? '\0' : rest.front();
    check(header.kind != 'O', "{}: expected an array of numbers, got Python objects ('{}')", path,
          header.descr);
    if (!rest.empty()) rest.remove_prefix(1);
    auto const [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), header.item_bytes);
    bool const is_size = error == std::errc() && end == rest.data() + rest.size();
    check(is_size && header.item_bytes >= 0 && header.item_bytes <= (std::int64_t{1} << 31),
          "{}: expected an element type such as '<f4', got '{}'", path, header.descr);
    if (header.kind == 'U') header.item_bytes *= 4;  // counted in characters of 4 bytes
}

void check_length(File const& file, NpyHeader const& header) {
    std::int64_t promised = header.item_bytes;
    for (std::int64_t const extent : header.shape) promised = saturated_product(promised, extent);
    std::int64_t const data_bytes = file.size() - header.data_offset;
    check(promised == data_bytes, "{}: expected {} bytes of data for shape {} of '{}', got {}",
          file.path(), promised, header.shape_text(), header.descr, data_bytes);
}

}  // namespace

std::optional<ElementType> NpyHeader::element() const {
    if (kind == 'f' && item_bytes == 4) return ElementType::float32;
    if (kind == 'f' && item_bytes == 8) return ElementType::float64;
    if (kind == 'u' && item_bytes == 1) return ElementType::uint8;
    if (kind == 'i' && item_bytes == 4) return ElementType::int32;
    if (kind == 'i' && item_bytes == 8) return ElementType::int64;
    return std::nullopt;
}

std::string NpyHeader::shape_text() const {
    return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

NpyHeader read_npy_header(File const& file) {
    NpyHeader header;
    NpyDict dict = parse_npy_dict(file.path(), read_dict_text(file, header.data_offset));
    header.descr = std::move(dict.descr);
    header.fortran_order = dict.fortran_order;
    header.shape = std::move(dict.shape);
    parse_descr(file.path(), header);
    check_length(file, header);
    return header;
}

std::vector<std::byte> npy_header_bytes(ElementType type, std::int64_t rows, std::int64_t dim) {
    char const kind = type == ElementType::uint8                                 ? 'u'
                      : type == ElementType::int32 || type == ElementType::int64 ? 'i'
                                                                                 : 'f';
    std::string text =
        fmt::format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}, {}), }}",
                    size_of(type) == 1 ? '|' : '<', kind, size_of(type), rows, dim);
    // Blanks and a line end fill the header up to the alignment. 10 bytes come before the text.
    auto const unpadded = static_cast<std::int64_t>(10 + text.size() + 1);
    std::int64_t const total = (unpadded + alignment - 1) / alignment * alignment;
    text.append(static_cast<std::size_t>(total - unpadded), ' ').push_back('\n');
    std::string bytes(magic);
    bytes += {'\x01', '\x00', static_cast<char>(text.size() & 0xff),
              static_cast<char>(text.size() >> 8)};
    bytes += text;
    auto const* const first = reinterpret_cast<std::byte const*>(bytes.data());
    return {first, first + bytes.size()};
}

}  // namespace partita::format
