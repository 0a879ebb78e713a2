#pragma once

#include "partita/core/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace partita::knn {

/// Copies of some rows of a table of floats that may be unaligned.
inline Matrix rows_at(float const* table, std::int64_t dim,
                      std::vector<std::int64_t> const& positions) {
    auto const row_bytes = static_cast<std::size_t>(dim) * sizeof(float);
    auto const* const bytes = reinterpret_cast<std::byte const*>(table);
    Matrix rows(static_cast<std::int64_t>(positions.size()), dim);
    for (std::size_t i = 0; i < positions.size(); ++i)
        std::memcpy(rows.row(static_cast<std::int64_t>(i)),
                    bytes + static_cast<std::size_t>(positions[i]) * row_bytes, row_bytes);
    return rows;
}

}  // namespace partita::knn
