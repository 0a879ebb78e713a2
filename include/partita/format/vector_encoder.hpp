#pragma once

#include "partita/format/vector_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace partita::format {

/// How rows of one fixed-row-size format lie in a file, so that several writers can fill disjoint
/// ranges of it.
class VectorEncoder {
  public:
    virtual ~VectorEncoder() = default;

    /// What the file starts with.
    virtual std::vector<std::byte> header() const = 0;
    virtual std::int64_t row_bytes() const = 0;
    /// Rows given as the shape's element type, appended to `out` in the file's bytes.
    virtual void encode(void const* rows, std::int64_t count, std::byte* out) const = 0;

    std::int64_t offset_of(std::int64_t row) const {
        return static_cast<std::int64_t>(header().size()) + row * row_bytes();
    }
};

/// The encoder for a file of this name (.npy, .fvecs/.bvecs/.ivecs, .fbin/.u8bin, idx) and shape.
/// @throws Error when the name is not known or the format cannot hold the shape or type.
std::unique_ptr<VectorEncoder> encoder_for(std::string const& path, VectorShape const& shape);

/// The element type that a format stores when given `type`: .fvecs float32, .u8bin uint8, .npy the
/// same type, ...
ElementType stored_type(std::string const& path, ElementType type);

}  // namespace partita::format
