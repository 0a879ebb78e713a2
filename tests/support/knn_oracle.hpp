#pragma once

#include "partita/core/matrix_view.hpp"
#include "partita/core/random.hpp"
#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace partita::test {

/// Distance of two vectors as the definition has it, in long double, one term after the other.
inline long double oracle_distance(knn::Metric metric, float const* x, float const* y,
                                   std::int64_t dim) {
    long double squared = 0, product = 0, xx = 0, yy = 0;
    for (std::int64_t p = 0; p < dim; ++p) {
        long double const a = x[p], b = y[p];
        squared += (a - b) * (a - b);
        product += a * b;
        xx += a * a;
        yy += b * b;
    }
    if (metric == knn::Metric::l2) return std::sqrt(squared);
    if (metric == knn::Metric::inner_product) return -product;
    return xx == 0 || yy == 0 ? 1 : squared / 2;
}

/// The k nearest by (distance, position): all distances, sorted. `distance` as oracle_distance.
template <class Distance>
knn::Neighbors oracle_neighbors(MatrixView base, MatrixView queries, std::int64_t k,
                                knn::Metric metric, Distance const& distance) {
    knn::Neighbors out(queries.rows, k);
    for (std::int64_t q = 0; q < queries.rows; ++q) {
        std::vector<std::pair<long double, std::int64_t>> all;
        for (std::int64_t i = 0; i < base.rows; ++i)
            all.emplace_back(distance(metric, queries.row_data(q), base.row_data(i), base.cols), i);
        std::sort(all.begin(), all.end());
        for (std::int64_t i = 0; i < k; ++i) {
            bool const exists = i < base.rows;
            out.positions.row(q)[i] = exists ? all[static_cast<std::size_t>(i)].second : -1;
            out.distances.row(q)[i] =
                exists ? static_cast<float>(all[static_cast<std::size_t>(i)].first)
                       : std::numeric_limits<float>::infinity();
        }
    }
    return out;
}

inline knn::Neighbors oracle_neighbors(MatrixView base, MatrixView queries, std::int64_t k,
                                       knn::Metric metric) {
    return oracle_neighbors(base, queries, k, metric, oracle_distance);
}

inline std::vector<float> normal_vectors(std::int64_t rows, std::int64_t dim, std::uint64_t seed) {
    RandomStream random(seed);
    std::vector<float> values(static_cast<std::size_t>(rows * dim));
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

/// Small integers: many equal distances, all of them exact in float32.
inline std::vector<float> integer_vectors(std::int64_t rows, std::int64_t dim, std::uint64_t seed,
                                          std::uint64_t values_below = 3) {
    RandomStream random(seed);
    std::vector<float> values(static_cast<std::size_t>(rows * dim));
    for (float& value : values) value = static_cast<float>(random.below(values_below));
    return values;
}

}  // namespace partita::test
