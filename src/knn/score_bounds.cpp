#include "knn/score_bounds.hpp"

#include "partita/knn/distance.hpp"

#include <algorithm>
#include <limits>

namespace partita::knn {
namespace {

/// Bounds are computed in float32 themselves: a hundredth more covers their rounding.
constexpr double bound_margin = 1.01;

/// Bound on the relative error of a sum of `terms` rounded products: n u / (1 - n u).
double sum_error(std::int64_t terms, double unit_roundoff) {
    double const product = static_cast<double>(terms) * unit_roundoff;
    return product / (1 - product);
}

}  // namespace

ScoreBounds::ScoreBounds(Metric metric, std::int64_t dim)
    : metric_(metric),
      dim_(dim),
      // 16 more for centring, the bias and for what little the margins leave out.
      float_error_(bound_margin * sum_error(dim + 16, 0x1p-24)),
      double_error_(bound_margin * sum_error(dim + 16, 0x1p-53)) {}

QueryBounds ScoreBounds::of_query(float const* centred) const {
    return of_squared_length(-rank_distance(Metric::inner_product, centred, centred, dim_));
}

QueryBounds ScoreBounds::of_squared_length(double squared) const {
    QueryBounds bounds{};
    bounds.length = static_cast<float>(std::sqrt(squared) * bound_margin);
    // Under l2 the ranking in double has its own rounding error, which counts when the query is
    // far from all of the base.
    if (metric_ != Metric::inner_product)
        bounds.slack = static_cast<float>(bound_margin * double_error_ * squared);
    return bounds;
}

QueryBounds ScoreBounds::of_query_in_pairs(float const* centred) const {
    QueryBounds bounds = of_query(centred);
    // Lengths of 1 are only nearly so, and stand in for zero vectors.
    float const length = metric_ == Metric::cosine ? std::max(bounds.length, 1.01f) : bounds.length;
    if (metric_ != Metric::inner_product)
        bounds.slack += static_cast<float>(float_error_) * length * length;
    return bounds;
}

RowBounds ScoreBounds::of_rows(float largest_square) const {
    // A square below the smallest float32 counts as zero: at most dim of them were lost.
    double const underflow = static_cast<double>(dim_ + 16) * 0x1p-148;
    double square = static_cast<double>(largest_square) * (1 + float_error_) + underflow;
    // Lengths of 1 are only nearly so, and stand in for zero vectors.
    if (metric_ == Metric::cosine) square = std::max(square, 1.0);
    double const length = std::sqrt(square);
    RowBounds bounds;
    bounds.scorable = length < static_cast<double>(longest_scored);
    if (!bounds.scorable) return bounds;
    double const error = float_error_ + 2 * double_error_;
    double const from_bias = metric_ == Metric::inner_product ? 0 : error * square;
    bounds.length = static_cast<float>(bound_margin * length);
    bounds.slack_per_length = static_cast<float>(bound_margin * error * length);
    bounds.slack = static_cast<float>(bound_margin * (from_bias + underflow));
    return bounds;
}

float score_at_distance(Metric metric, double rank_distance, double squared_length, bool zero) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    // More than what double precision and a float's rounding can take from it.
    constexpr double margin = 1e-6;
    double const low = squared_length / 2 * (1 - margin);
    double least = -rank_distance - std::fabs(rank_distance) * margin;  // inner product
    if (metric == Metric::l2)
        least = low - rank_distance / 2 * (1 + margin);
    else if (metric == Metric::cosine)
        least = zero ? (rank_distance < 1 ? infinity : -infinity) : low + least - margin;
    auto const rounded = static_cast<float>(least);
    return std::isfinite(rounded) ? std::nextafter(rounded, -std::numeric_limits<float>::infinity())
                                  : rounded;
}

}  // namespace partita::knn
