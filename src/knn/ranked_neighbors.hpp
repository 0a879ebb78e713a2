#pragma once

#include "partita/core/buffer.hpp"
#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace partita::knn {

/// A neighbour with the distance by which it is ranked (see rank_distance), not yet rounded to what
/// is reported: the total order (distance, position) that merging parts of a search needs.
struct RankedNeighbor {
    double distance;
    std::int64_t position;

    friend bool operator<(RankedNeighbor const& a, RankedNeighbor const& b) {
        return a.distance < b.distance || (a.distance == b.distance && a.position < b.position);
    }
};

/// Behind every neighbour: what pads a list.
constexpr RankedNeighbor no_neighbor{std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<std::int64_t>::max()};

/// queries x k, each row ascending, padded with no_neighbor.
using RankedNeighbors = BasicMatrix<RankedNeighbor>;

/// As many neighbours as each query has, one query's after the other's.
struct RankedRows {
    std::vector<std::int64_t> counts;
    std::vector<RankedNeighbor> entries;
};

/// The nearest of two ascending lists of disjoint positions, into `nearest` and ascending.
/// @param scratch  As long as `nearest`.
void merge_nearest(std::span<RankedNeighbor> nearest, std::span<RankedNeighbor const> others,
                   std::span<RankedNeighbor> scratch);

/// Row `query` of `found` as users see it, from an ascending list of found.k() neighbours.
void report_neighbors(std::span<RankedNeighbor const> ranked, Metric metric, Neighbors& found,
                      std::int64_t query);

}  // namespace partita::knn
