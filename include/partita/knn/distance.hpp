#pragma once

#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>

namespace partita::knn {

/// The value by which neighbours are ranked, smaller is nearer: squared L2, minus inner product, or
/// 1 - cosine.
///
/// Computed in double with one order of summation and of rounding on every processor (no fused
/// multiply-add), so equal inputs give equal bits everywhere. For cosine both must have length 1
/// (or 0); half of the squared L2 distance is used, which is 0 for equal vectors.
double rank_distance(Metric metric, float const* x, float const* y, std::int64_t dim);

/// rank_distance as users see it: the square root for l2, as it is for the others.
float reported_distance(Metric metric, double rank_distance);

/// Scale rows to length 1, in double, in place. Zero rows stay. Returns the number of zero rows.
std::int64_t normalise_rows(MutableMatrixView rows);

}  // namespace partita::knn
