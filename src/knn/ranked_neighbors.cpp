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

void report_neighbors(std::span<RankedNeighbor const> ranked, Metric metric, Neighbors& found,
                      std::int64_t query) {
    for (std::size_t j = 0; j < ranked.size(); ++j) {
        bool const exists = ranked[j].position != no_neighbor.position;
        found.positions.row(query)[j] = exists ? ranked[j].position : -1;
        found.distances.row(query)[j] = exists ? reported_distance(metric, ranked[j].distance)
                                               : std::numeric_limits<float>::infinity();
    }
}

}  // namespace partita::knn
