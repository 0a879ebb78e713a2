#include "knn/query_block.hpp"

#include "partita/core/row_range.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace partita::knn {
namespace {

constexpr std::int64_t centre_sample_rows = 1000;

/// `centre_sample_rows` rows at equal distances, or all.
Matrix strided_sample(MatrixView base) {
    Matrix sample(std::min(base.rows, centre_sample_rows), base.cols);
    for (std::int64_t i = 0; i < sample.rows(); ++i) {
        std::int64_t const row = share_of(base.rows, sample.rows(), i).first;
        std::memcpy(sample.row(i), base.row_data(row),
                    static_cast<std::size_t>(base.cols) * sizeof(float));
    }
    return sample;
}

std::vector<float> mean_row(Matrix const& rows) {
    std::vector<double> sums(static_cast<std::size_t>(rows.cols()), 0.0);
    for (std::int64_t i = 0; i < rows.rows(); ++i)
        for (std::size_t p = 0; p < sums.size(); ++p)
            sums[p] += static_cast<double>(rows.row(i)[p]);
    std::vector<float> mean(sums.size());
    for (std::size_t p = 0; p < sums.size(); ++p)
        mean[p] = static_cast<float>(sums[p] / static_cast<double>(rows.rows()));
    return mean;
}

/// The median, which a few absurd rows do not move.
double median_distance(Matrix const& rows, std::vector<float> const& point) {
    std::vector<double> distances;
    for (std::int64_t i = 0; i < rows.rows(); ++i) {
        double const distance = rank_distance(Metric::l2, rows.row(i), point.data(), rows.cols());
        distances.push_back(distance == distance ? distance : HUGE_VAL);
    }
    auto const middle = distances.begin() + std::ssize(distances) / 2;
    std::nth_element(distances.begin(), middle, distances.end());
    return *middle;
}

}  // namespace

std::vector<float> choose_centre(MatrixView base) {
    if (base.empty()) return {};
    Matrix const sample = strided_sample(base);
    std::vector<float> mean = mean_row(sample);
    std::vector<float> const origin(mean.size(), 0.0f);
    if (median_distance(sample, mean) < median_distance(sample, origin)) return mean;
    return {};
}

}  // namespace partita::knn
