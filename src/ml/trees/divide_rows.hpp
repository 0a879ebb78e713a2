#pragma once

#include "partita/core/row_range.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// A run of rows to be divided between two children.
struct Division {
    RowRange rows;               ///< Of the order.
    std::uint8_t const* column;  ///< Bins of the feature, a row each.
    std::uint8_t bin;            ///< column[row] <= bin goes left.
};

/// Put rows that go left before those that go right, both in their order. Rank-local.
/// @return Of each division how many go left.
std::vector<std::int64_t> divide_rows(std::vector<std::uint32_t>& order,
                                      std::span<Division const> divisions, int threads);

}  // namespace partita::ml
