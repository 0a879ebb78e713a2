#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"

#include <cstdint>
#include <span>

namespace partita::knn {

struct KMeansOptions {
    std::int64_t clusters = 0;
    int iterations = 10;
    std::uint64_t seed = 0;
    bool spherical = false;  ///< Scale centroids to length 1.
    int threads = 0;
};

/// Centroids of points that are spread over ranks: Lloyd's algorithm, seeded with random points.
///
/// Collective; every rank gets the same centroids, bit for bit, whatever the number of ranks and
/// threads: points are assigned by exact distance, and sums are taken in 64-bit fixed point, where
/// addition is associative. One all-reduce of clusters x (dim + 1) integers an iteration. A cluster
/// that loses all its points takes over half of the largest one. Where there are 32 points or more
/// for each cluster, all but the last two iterations look at a quarter of them.
///
/// @param points  This rank's points (possibly none).
/// @param rows    Their global row numbers, which decide about the seeds.
/// @return        clusters x dim; fewer clusters when there are fewer points in all.
Matrix distributed_kmeans(Communicator const& comm, MatrixView points,
                          std::span<std::int64_t const> rows, KMeansOptions const& options);

}  // namespace partita::knn
