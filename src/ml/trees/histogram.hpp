#pragma once

#include "ml/trees/binned_rows.hpp"
#include "ml/trees/row_statistics.hpp"

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace partita::ml {

/// How a node's histogram lies: `channels` sums for each bin of each slot. A slot is a feature, or
/// one of those that the node drew.
struct HistogramShape {
    std::vector<std::int64_t> first_bin{0};  ///< Of each slot, and the number of all bins.
    std::int64_t channels = 0;

    std::int64_t slots() const { return std::ssize(first_bin) - 1; }
    std::int64_t bins() const { return first_bin.back(); }
    std::int64_t numbers() const { return bins() * channels; }
    /// Bins of slots [first, last).
    std::int64_t bins_of(RowRange slots) const {
        return first_bin[static_cast<std::size_t>(slots.last)] -
               first_bin[static_cast<std::size_t>(slots.first)];
    }
};

/// A node to be counted.
struct NodeRows {
    RowRange rows;                           ///< Of RowStatistics::order.
    std::span<std::int32_t const> features;  ///< Of its slots; empty = all features.
};

/// Adds up this rank's histograms of nodes.
///
/// Rank-local, on several threads: large nodes in chunks, each in a thread's own memory.
/// @param out  Set to the sums: for slot 0 those of each node in turn, then for slot 1, ...: so
///             that a rank's share of the slots lies in one piece.
void add_histograms(BinnedRows const& rows, RowStatistics const& statistics,
                    HistogramShape const& shape, std::span<NodeRows const> nodes,
                    std::span<std::int64_t> out, int threads);

}  // namespace partita::ml
