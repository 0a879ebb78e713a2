#include "knn/ranked_neighbors.hpp"

#include "partita/knn/distance.hpp"

#include <algorithm>

namespace partita::knn {

void merge_nearest(std::span<RankedNeighbor> nearest, std::span<RankedNeighbor const> others,
                   std::span<RankedNeighbor> scratch) {
    // Most lists that arrive from elsewhere hold nothing nearer.
    if (others.empty() || !(others.front() < nearest.back())) return;
    std::size_t a = 0, b = 0;
    for (RankedNeighbor& next : scratch) {
        bool const other = b < others.size() && others[b] < nearest[a];
        next = other ? others[b++] : nearest[a++];
    }
    std::copy(scratch.begin(), scratch.end(), nearest.begin());
}

Neighbors report_neighbors(RankedNeighbors const& ranked, Metric metric) {
    Neighbors found(ranked.rows(), ranked.cols());
    std::int64_t const count = ranked.rows() * ranked.cols();
    for (std::int64_t i = 0; i < count; ++i) {
        RankedNeighbor const& neighbor = ranked.data()[i];
        bool const exists = neighbor.position != no_neighbor.position;
        found.positions.data()[i] = exists ? neighbor.position : -1;
        found.distances.data()[i] = exists ? reported_distance(metric, neighbor.distance)
                                           : std::numeric_limits<float>::infinity();
    }
    return found;
}

}  // namespace partita::knn
