#pragma once

#include "partita/core/buffer.hpp"

#include <cstdint>

namespace partita::knn {

/// The k nearest of each query, nearest first; equal distances by position, the smaller first.
/// Where fewer than k exist, positions are -1 and distances +infinity.
struct Neighbors {
    BasicMatrix<std::int64_t> positions;  ///< queries x k: row numbers in the base.
    BasicMatrix<float> distances;         ///< queries x k; see Metric.

    Neighbors() = default;
    Neighbors(std::int64_t queries, std::int64_t k)
        : positions(queries, k), distances(queries, k) {}
    std::int64_t queries() const { return positions.rows(); }
    std::int64_t k() const { return positions.cols(); }
};

}  // namespace partita::knn
