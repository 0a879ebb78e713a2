#pragma once

#include <cstdint>

namespace partita::knn {

/// Shares of the second-level cache: of packed vectors and of the queries that pass them.
constexpr std::int64_t cached_piece_bytes = 256 << 10, cached_query_bytes = 128 << 10;

}  // namespace partita::knn
