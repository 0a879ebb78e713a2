#pragma once

#include "ml/trees/histogram.hpp"
#include "ml/trees/split.hpp"

#include "partita/ml/tree_ensemble.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// How one tree grows.
struct GrowRules {
    SplitRules split;
    int max_depth = 5;
    std::int64_t node_features = 0;  ///< Drawn for each node; 0 = all.
    std::int64_t histogram_bytes = std::int64_t{256} << 20;
    int threads = 0;
};

struct GrownTree {
    Tree tree;                            ///< Without values.
    std::vector<std::uint8_t> bins;       ///< Of each node's split.
    std::vector<std::int64_t> leaf_sums;  ///< leaves x channels, over all ranks.
    std::vector<RowRange> leaf_rows;      ///< This rank's, of RowStatistics::order.
    std::vector<double> gains;            ///< Of each feature.

    /// The leaf that a binned row arrives at.
    std::int32_t leaf_of(std::uint8_t const* row) const {
        std::int32_t node = 0;
        while (tree.nodes[static_cast<std::size_t>(node)].feature >= 0) {
            Tree::Node const& at = tree.nodes[static_cast<std::size_t>(node)];
            node = at.child + (row[at.feature] <= bins[static_cast<std::size_t>(node)] ? 0 : 1);
        }
        return tree.nodes[static_cast<std::size_t>(node)].child;
    }
};

/// Grow one tree on all ranks' rows, level by level.
///
/// Collective. The rows' order in `statistics` changes, so that those of a leaf lie together.
/// @param stream  Of the random numbers that draw features for nodes.
GrownTree grow_tree(Communicator const& comm, BinnedRows const& rows, RowStatistics& statistics,
                    GrowRules const& rules, std::uint64_t stream);

}  // namespace partita::ml
