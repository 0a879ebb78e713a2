#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

/// Many centroids, grouped around centres of their own.
struct CentroidGroups {
    Matrix centres;
    std::vector<std::vector<std::int32_t>> members;  ///< Numbers of centroids, by group.
};

/// About sqrt(n) groups of n centroids, by a few iterations of k-means. A function of centroids and
/// metric alone. Threaded.
CentroidGroups group_centroids(MatrixView centroids, Metric metric, int threads);

/// How many groups group_centroids makes.
std::int64_t groups_of(std::int64_t centroids);
/// Groups to look into for `count` centroids; 0 = all.
std::int64_t probed_groups(std::int64_t groups, std::int64_t count);

}  // namespace partita::knn
