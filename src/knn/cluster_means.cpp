#include "knn/cluster_means.hpp"

#include "knn/group_by.hpp"

#include <algorithm>
#include <cmath>

#include <omp.h>

namespace partita::knn {

ClusterMeans::ClusterMeans(std::int64_t clusters, std::int64_t dim, float largest,
                           std::int64_t points)
    : dim_(dim),
      counts_(static_cast<std::size_t>(clusters)),
      sums_(static_cast<std::size_t>(clusters * dim)) {
    int exponent = 0;
    std::frexp(
        static_cast<double>(largest) * static_cast<double>(std::max<std::int64_t>(points, 1)),
        &exponent);
    scale_ = std::ldexp(1.0, std::min(61 - exponent, 1000));
}

void ClusterMeans::sum_up(MatrixView points, std::int32_t const* cluster_of, int threads) {
    std::fill(sums_.begin(), sums_.end(), 0);
    Groups const members =
        group_by({cluster_of, static_cast<std::size_t>(points.rows)}, 1, counts_.size());
    int const team = threads > 0 ? threads : omp_get_max_threads();
#pragma omp parallel for schedule(dynamic, 16) num_threads(team)
    for (std::size_t c = 0; c < counts_.size(); ++c) {
        counts_[c] = std::ssize(members.of(c));
        for (std::int32_t point : members.of(c)) add(c, points.row_data(point));
    }
}

void ClusterMeans::add(std::size_t cluster, float const* point) {
    std::int64_t* const sum = sums_.data() + cluster * static_cast<std::size_t>(dim_);
    for (std::int64_t j = 0; j < dim_; ++j)
        sum[j] += static_cast<std::int64_t>(static_cast<double>(point[j]) * scale_);
}

float ClusterMeans::mean(std::size_t cluster, std::int64_t j) const {
    auto const sum = static_cast<double>(
        sums_[cluster * static_cast<std::size_t>(dim_) + static_cast<std::size_t>(j)]);
    return static_cast<float>(sum / scale_ / static_cast<double>(counts_[cluster]));
}

void ClusterMeans::move(Matrix& centroids) {
    for (std::size_t c = 0; c < counts_.size(); ++c)
        if (counts_[c] > 0)
            for (std::int64_t j = 0; j < dim_; ++j)
                centroids.row(static_cast<std::int64_t>(c))[j] = mean(c, j);
    split_for_empty(centroids);
}

void ClusterMeans::split_for_empty(Matrix& centroids) {
    constexpr float apart = 1.0f / 1024;
    for (std::size_t empty = 0; empty < counts_.size(); ++empty) {
        if (counts_[empty] > 0) continue;
        auto const largest = static_cast<std::size_t>(
            std::max_element(counts_.begin(), counts_.end()) - counts_.begin());
        float* const from = centroids.row(static_cast<std::int64_t>(largest));
        float* const to = centroids.row(static_cast<std::int64_t>(empty));
        for (std::int64_t j = 0; j < dim_; ++j) {
            float const value = from[j], step = j % 2 == 0 ? apart : -apart;
            to[j] = value * (1 + step);
            from[j] = value * (1 - step);
        }
        counts_[empty] = counts_[largest] / 2;
        counts_[largest] -= counts_[empty];
    }
}

float largest_coordinate(MatrixView points) {
    float largest = 0;
    for (std::int64_t i = 0; i < points.size(); ++i)
        largest = std::max(largest, std::fabs(points.data[i]));
    return largest;
}

}  // namespace partita::knn
