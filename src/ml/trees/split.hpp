#pragma once

#include "ml/trees/row_statistics.hpp"

#include "partita/comm/communicator.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// What a split must keep to.
struct SplitRules {
    std::int64_t min_leaf_rows = 1;
    double min_leaf_weight = 0;  ///< More than 0 in any case.
    double min_gain = 0;         ///< Per unit of the node's weight.
    double l2 = 0;
    double gain_factor = 1;  ///< From sums of squares over weights to impurity.
};

/// Rows with bin <= `bin` of `feature` go left.
struct Split {
    double gain = 0;  ///< 0 = there is none.
    std::int32_t feature = -1, bin = 0;
    std::vector<std::int64_t> left;  ///< Sums over the rows that go left.

    /// Larger gain, then the smaller feature, then the smaller bin.
    bool beats(Split const& other) const {
        return gain != other.gain         ? gain > other.gain
               : feature != other.feature ? feature < other.feature
                                          : bin < other.bin;
    }
};

/// The best split of a node by one feature.
/// @param histogram  bins x channels sums.
/// @param sums       Of the node.
Split best_split(RowStatistics const& statistics, SplitRules const& rules,
                 std::span<std::int64_t const> histogram, std::span<std::int64_t const> sums,
                 std::int32_t feature);

/// Collective: of each node the best of all ranks' splits.
void agree_on_splits(Communicator const& comm, std::vector<Split>& splits, std::int64_t channels);

}  // namespace partita::ml
