#pragma once

#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <functional>

namespace partita::knn {

struct ExactSearchOptions {
    int threads = 0;  ///< 0 = OpenMP's default.
    /// Working memory beyond base, queries and result; 0 = about 64 MiB.
    std::int64_t workspace_bytes = 0;
    /// Called from time to time, by one thread, with the number of queries done since the last
    /// call; progress within a block of queries counts in proportion.
    std::function<void(std::int64_t)> progress;
};

/// The exact k nearest base vectors of each query.
///
/// Rank-local, threaded. The result is a function of the numbers alone: the same for any thread
/// count, block size, processor and order of the queries. A blocked SIMD kernel in float32
/// discards what is certainly too far (with a bound on its own rounding error), and the rest is
/// ranked by the total order (distance, position), with distances computed in double in a fixed
/// order of summation, so d(x, x) = 0 exactly under l2 and cosine (but for zero vectors).
///
/// @param base     n x d. For cosine: of length 1 or 0 (see normalise_rows). May be an unaligned
///                 file mapping.
/// @param queries  q x d, finite; for cosine of length 1 or 0.
/// @param k        1 <= k; the result is padded where k > n.
Neighbors exact_search(MatrixView base, MatrixView queries, std::int64_t k, Metric metric,
                       ExactSearchOptions const& options = {});

}  // namespace partita::knn
