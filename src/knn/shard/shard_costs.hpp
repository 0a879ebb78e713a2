#pragma once

#include "knn/query_block.hpp"
#include "knn/ranked_neighbors.hpp"

#include <algorithm>
#include <cstdint>

namespace partita::knn {

/// Memory that a rank needs for each of its own queries of a block, where lists are shared out: a
/// rank scans the queries of others too, in the worst case all that are under way.
/// @param visits  The most pieces that a query looks into on one rank; 0 = all, without a list.
/// @param far     See RowStore.
inline std::int64_t shard_bytes_per_query(std::int64_t dim, std::int64_t k, std::int64_t nprobe,
                                          std::int64_t visits, int ranks, bool far = false) {
    std::int64_t const travelling = dim * 4 + k * static_cast<std::int64_t>(sizeof(RankedNeighbor));
    std::int64_t const guest = travelling + QueryBlock::bytes_per_query(dim, k, far) + visits * 12;
    return guest * ranks + travelling * std::min<std::int64_t>(nprobe, ranks) + nprobe * 32;
}

}  // namespace partita::knn
