#include "ml/nearest_centre.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

/// The score of columns that stand for no centre.
constexpr double never = -1e300;

}  // namespace

CentreTable::CentreTable(Reals centres, std::span<double const> origin)
    : clusters_(centres.rows),
      features_(centres.cols),
      columns_((centres.rows + lanes - 1) / lanes * lanes),
      origin_(origin.begin(), origin.end()),
      scoring_(width() * columns_),
      shifted_(centres.rows, centres.cols) {
    std::fill(scoring_.begin(), scoring_.end(), 0.0);
    double* const bias = scoring_.data() + features_ * columns_;
    std::fill_n(bias, columns_, never);
    for (std::int64_t c = 0; c < clusters_; ++c) {
        double square = 0;
        for (std::int64_t j = 0; j < features_; ++j) {
            double const x = centres.row_data(c)[j] - origin_[static_cast<std::size_t>(j)];
            shifted_.row(c)[j] = x;
            scoring_[j * columns_ + c] = x;
            square += x * x;
        }
        bias[c] = -0.5 * square;
    }
}

void CentreTable::find(double const* panel, std::int64_t rows, double* memory,
                       std::int32_t* nearest) const {
    dense_kernels().multiply_many(panel, rows, width(), scoring_.data(), columns_, memory);
    for (std::int64_t i = 0; i < rows; ++i) {
        double const* const scores = memory + i * columns_;
        nearest[i] =
            static_cast<std::int32_t>(std::max_element(scores, scores + clusters_) - scores);
    }
}

double CentreTable::squared_distance(double const* row, std::int64_t cluster) const {
    double const* const centre = shifted_.row(cluster);
    double sums[4] = {};
    std::int64_t j = 0;
    for (; j + 4 <= features_; j += 4) {
        for (int lane = 0; lane < 4; ++lane) {
            double const difference = row[j + lane] - centre[j + lane];
            sums[lane] += difference * difference;
        }
    }
    for (; j < features_; ++j) sums[0] += (row[j] - centre[j]) * (row[j] - centre[j]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace partita::ml
