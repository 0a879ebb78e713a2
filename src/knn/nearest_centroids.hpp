#pragma once

#include "knn/packed_rows.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

/// Finds which of many centroids are nearest to each of many points: the coarse step of an ivf
/// search, and the assignment of k-means.
///
/// Few centroids are all compared. Where there are many, they are themselves grouped around
/// centres, and a point is compared with the centroids of the groups whose centres are nearest to
/// it, and may now and then miss one, which costs recall less than comparing with all costs time.
/// Either way the answer is a function of centroids, metric, point and count alone: float32 scores
/// only decide where their rounding cannot matter, the rest is decided by (rank_distance, number),
/// so it does not depend on threads, blocks or the processor.
class NearestCentroids {
  public:
    /// @param centroids  n x d, n < 2^31; must stay in place.
    /// @param metric     cosine = of points of length 1 or 0; where all of many centroids are of
    ///                   length 1, compared as under l2, else by the inner product.
    NearestCentroids(MatrixView centroids, Metric metric, int threads = 0);

    /// Rank-local, threaded.
    /// @param points  p x d, finite, possibly unaligned.
    /// @param count   of centroids wanted, at most n.
    /// @param out     p x count: their numbers, ascending for each point.
    /// @param likely  p, or nullptr: that of them which is likely the nearest, a hint that may
    /// depend
    ///                on the processor.
    void find(MatrixView points, std::int64_t count, std::int32_t* out, int threads,
              std::int32_t* likely = nullptr) const;

    /// With about how many of `centroids` a point is compared to find `count`, under l2. A pure
    /// function.
    static std::int64_t compared(std::int64_t centroids, std::int64_t count);

  private:
    class Block;

    std::int64_t groups_to_probe(std::int64_t count) const;

    Metric metric_;
    ScoreBounds score_bounds_;
    std::vector<float> centre_;
    Matrix group_centres_;
    PackedRows centres_, centroids_;
};

}  // namespace partita::knn
