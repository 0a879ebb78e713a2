#include "ml/nearest_centre.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

/// The score of columns that stand for no centre.
constexpr double never = -1e307;

}  // namespace

CentreTable::CentreTable(Reals centres, std::span<double const> origin)
    : clusters_(centres.rows),
      features_(centres.cols),
      origin_(origin.begin(), origin.end()),
      tiles_(padded_clusters() * (features_ + 1)),
      shifted_(clusters_ * width()) {
    std::fill(tiles_.begin(), tiles_.end(), 0.0);
    std::fill(shifted_.begin(), shifted_.end(), 0.0);
    for (std::int64_t c = 0; c < padded_clusters(); ++c) {
        double* const tile =
            tiles_.data() + c / centres_at_once * centres_at_once * (features_ + 1);
        double* const column = tile + c % centres_at_once;
        double& bias = column[features_ * centres_at_once];
        bias = c < clusters_ ? 0 : never;
        if (c >= clusters_) continue;
        double* const row = shifted_.data() + c * width();
        row[features_] = 1;  // as the ones of a panel
        for (std::int64_t j = 0; j < features_; ++j) {
            double const x = centres.row_data(c)[j] - origin_[static_cast<std::size_t>(j)];
            column[j * centres_at_once] = row[j] = x;
            bias -= 0.5 * x * x;
        }
    }
}

void CentreTable::find(double const* panel, std::int64_t rows, double* memory, double* nearest,
                       double* squares, double const* ahead) const {
    dense_kernels().nearest(panel, rows, width(), features_, tiles_.data(), padded_clusters(),
                            memory, nearest, ahead);
    dense_kernels().squared_distances(panel, rows, width(), shifted_.data(), nearest, squares);
}

}  // namespace partita::ml
