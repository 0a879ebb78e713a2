#pragma once

#include "ml/trees/grow_tree.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// A node that may still be split.
struct GrowingNode {
    std::int32_t node = 0;               ///< Of the tree.
    RowRange rows;                       ///< This rank's.
    std::vector<std::int64_t> sums;      ///< Over all ranks.
    std::vector<std::int32_t> features;  ///< That were drawn; empty = all.
    /// Of the level before: its histogram less that of the node before this one is this one's.
    /// -1 = count the rows.
    std::int64_t parent = -1;
    bool scan = true;  ///< false: only counted for the sake of the node after it.
};
using Level = std::vector<GrowingNode>;

/// The histograms of a level, of which each rank has a share of the slots, and the splits in them.
class LevelHistograms {
  public:
    LevelHistograms(Communicator const& comm, BinnedRows const& rows,
                    RowStatistics const& statistics, GrowRules const& rules);

    /// Collective: the best split of each node of the level. Rows are counted, ranks' counts added
    /// and splits agreed for as many nodes at a time as there is room for.
    std::vector<Split> find_splits(Level const& level);

    /// Whether the level last given is still there, for its children.
    bool keeps() const { return keeps_; }

  private:
    /// Nodes [first, last) of the level, into `mine`: nodes x this rank's slots.
    void count(Level const& level, RowRange nodes, std::vector<std::int64_t>& mine) const;
    /// This rank's slots of what all ranks counted for so many nodes.
    std::vector<std::int64_t> add_over_ranks(std::vector<std::int64_t> counted,
                                             std::int64_t nodes) const;
    void scan(Level const& level, RowRange nodes, std::vector<std::int64_t> const& mine,
              std::vector<Split>& splits) const;
    std::int64_t my_numbers() const { return shape_.bins_of(my_slots_) * shape_.channels; }
    std::int32_t feature_of(GrowingNode const& node, std::int64_t slot) const {
        return node.features.empty() ? static_cast<std::int32_t>(slot)
                                     : node.features[static_cast<std::size_t>(slot)];
    }

    Communicator const& comm_;
    BinnedRows const& rows_;
    RowStatistics const& statistics_;
    GrowRules const& rules_;
    HistogramShape shape_;
    RowRange my_slots_;
    bool keeps_ = false;
    std::vector<std::int64_t> kept_;
};

}  // namespace partita::ml
