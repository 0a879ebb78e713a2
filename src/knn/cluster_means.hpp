#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// The means of points by cluster: one half of an iteration of Lloyd's algorithm.
///
/// Sums are taken in 64-bit fixed point, where addition is associative: the same in any order, and
/// ranks may add theirs up. Rank-local, threaded.
class ClusterMeans {
  public:
    /// @param largest  Of all coordinates' absolute values.  @param points  In all.
    ClusterMeans(std::int64_t clusters, std::int64_t dim, float largest, std::int64_t points);

    /// Replace what is held by the sums of these points.
    /// @param cluster_of  one for each point.
    void sum_up(MatrixView points, std::int32_t const* cluster_of, int threads);

    std::span<std::int64_t> counts() { return counts_; }
    std::span<std::int64_t> sums() { return sums_; }

    /// Move each centroid to the mean of its points. One that has none takes over half of the
    /// largest cluster: both stand a little to either side of its mean.
    void move(Matrix& centroids);

  private:
    void add(std::size_t cluster, float const* point);
    float mean(std::size_t cluster, std::int64_t j) const;
    void split_for_empty(Matrix& centroids);

    std::int64_t dim_;
    double scale_ = 1;
    std::vector<std::int64_t> counts_;
    std::vector<std::int64_t> sums_;
};

/// The largest absolute value.
float largest_coordinate(MatrixView points);

}  // namespace partita::knn
