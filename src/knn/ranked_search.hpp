#pragma once

#include "knn/query_block.hpp"
#include "knn/ranked_neighbors.hpp"

#include "partita/knn/exact_search.hpp"

namespace partita::knn {

/// exact_search, for a part of a base: distances stay as they are ranked.
/// @param first_position  The position of the part's first row in the whole base.
RankedNeighbors exact_search_ranked(MatrixView base, std::int64_t first_position,
                                    MatrixView queries, std::int64_t k, Metric metric,
                                    ExactSearchOptions const& options);

/// Let all queries of a block see all rows of `base`. Threaded.
void scan_all(QueryBlock& block, MatrixView base, std::int64_t first_position, int threads);

}  // namespace partita::knn
