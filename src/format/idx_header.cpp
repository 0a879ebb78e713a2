#include "format/idx_header.hpp"

#include "format/byte_order.hpp"
#include "format/open_formats.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace partita::format {
namespace {

constexpr unsigned char int8_code = 0x09, int16_code = 0x0b;

std::optional<ElementType> type_of_code(unsigned char code) {
    for (ElementType const type :
         {ElementType::uint8, ElementType::int32, ElementType::float32, ElementType::float64})
        if (idx_type_code(type) == code) return type;
    return std::nullopt;
}

bool is_idx_magic(std::array<unsigned char, 4> const& magic) {
    bool const known_type =
        type_of_code(magic[2]) || magic[2] == int8_code || magic[2] == int16_code;
    return magic[0] == 0 && magic[1] == 0 && known_type && magic[3] > 0;
}

}  // namespace

unsigned char idx_type_code(ElementType type) {
    switch (type) {
        case ElementType::uint8:
            return 0x08;
        case ElementType::int32:
            return 0x0c;
        case ElementType::float32:
            return 0x0d;
        case ElementType::float64:
            return 0x0e;
        case ElementType::int64:
            break;
    }
    return 0;
}

std::int64_t IdxHeader::elements() const {
    std::int64_t product = 1;
    for (std::int64_t const extent : shape) product = saturated_product(product, extent);
    return product;
}

bool has_idx_magic(std::string const& path) {
    std::array<unsigned char, 4> magic{};
    auto const source = open_byte_source(path);
    return source->read_some_at(0, magic.data(), 4) == 4 && is_idx_magic(magic);
}

IdxHeader read_idx_header(std::string const& path, ByteSource const& source) {
    std::array<unsigned char, 4> magic{};
    std::int64_t const got = source.read_some_at(0, magic.data(), 4);
    check(got == 4 && is_idx_magic(magic),
          "{}: expected an idx file (starting with bytes such as 00 00 08 03), got {}", path,
          got == 0 ? "an empty file"
                   : fmt::format("{:02x}", fmt::join(magic.data(), magic.data() + got, " ")));
    auto const type = type_of_code(magic[2]);
    check(type.has_value(), "{}: expected uint8, int32, float32 or float64, got {}", path,
          magic[2] == int8_code ? "int8" : "int16");
    std::vector<std::byte> extents(4 * std::size_t{magic[3]});
    source.read_at(4, extents.data(), static_cast<std::int64_t>(extents.size()));
    IdxHeader header{*type, {}};
    for (std::size_t i = 0; i < extents.size(); i += 4)
        header.shape.push_back(load_big<std::uint32_t>(extents.data() + i));

    std::int64_t const promised =
        saturated_product(header.elements(), static_cast<std::int64_t>(size_of(*type)));
    std::int64_t const most = std::numeric_limits<std::int64_t>::max() - header.bytes() - 1;
    std::int64_t const limit = std::min(promised, most) + header.bytes() + 1;
    std::int64_t const data_bytes = source.size_up_to(limit) - header.bytes();
    check(promised == data_bytes, "{}: expected {} bytes of data for shape ({}), got {}", path,
          promised, fmt::join(header.shape, ", "),
          data_bytes > promised ? std::string("more") : std::to_string(data_bytes));
    return header;
}

}  // namespace partita::format
