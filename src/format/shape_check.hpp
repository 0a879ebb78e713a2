#pragma once

#include "partita/core/error.hpp"
#include "partita/format/vector_reader.hpp"

#include <string>

namespace partita::format {

/// Every vector file has at least one vector of at least one dimension.
inline void check_not_empty(std::string const& path, VectorShape const& shape) {
    check(shape.rows > 0, "{}: expected at least one row, got {}", path, shape.rows);
    check(shape.dim > 0, "{}: expected vectors of at least one dimension, got {}", path, shape.dim);
}

}  // namespace partita::format
