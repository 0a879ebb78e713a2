#pragma once

#include "format/byte_source.hpp"

#include "partita/format/element_type.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::format {

/// What an idx file starts with: two zero bytes, the element type, the number of dimensions, then
/// each extent as a big-endian uint32.
struct IdxHeader {
    ElementType type = ElementType::uint8;
    std::vector<std::int64_t> shape;

    std::int64_t bytes() const { return 4 + 4 * static_cast<std::int64_t>(shape.size()); }
    std::int64_t elements() const;
};

/// @throws Error on a wrong magic number, a type we have not, or a length that differs.
IdxHeader read_idx_header(std::string const& path, ByteSource const& source);

/// The third byte of the magic number, which stands for the type; int64 has none.
unsigned char idx_type_code(ElementType type);

}  // namespace partita::format
