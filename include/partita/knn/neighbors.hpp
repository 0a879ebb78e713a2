#pragma once

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <span>
#include <vector>

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

/// The neighbours of some queries, as many as each has, one query after the other: nearest first,
/// equal distances by position.
struct NeighborRows {
    std::vector<std::int64_t> ends;  ///< ends[q]: where query q's neighbours end.
    std::vector<std::int64_t> positions;
    std::vector<float> distances;

    std::int64_t queries() const { return std::ssize(ends); }
    std::int64_t begin_of(std::int64_t q) const {
        return q == 0 ? 0 : ends[static_cast<std::size_t>(q - 1)];
    }
    std::int64_t count_of(std::int64_t q) const {
        return ends[static_cast<std::size_t>(q)] - begin_of(q);
    }
    std::span<std::int64_t const> positions_of(std::int64_t q) const {
        return std::span(positions).subspan(static_cast<std::size_t>(begin_of(q)),
                                            static_cast<std::size_t>(count_of(q)));
    }
    std::span<float const> distances_of(std::int64_t q) const {
        return std::span(distances).subspan(static_cast<std::size_t>(begin_of(q)),
                                            static_cast<std::size_t>(count_of(q)));
    }
    void add(std::int64_t position, float distance) {
        positions.push_back(position);
        distances.push_back(distance);
    }
    void end_query() { ends.push_back(std::ssize(positions)); }
};

/// The same neighbours without padding.
NeighborRows without_padding(Neighbors const& found);

/// The same neighbours, padded to k.
/// @throws Error when a query has more than k.
Neighbors padded(NeighborRows const& found, std::int64_t k);

}  // namespace partita::knn
