#pragma once

#include "partita/comm/node_shared.hpp"
#include "partita/comm/topology.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/row_range.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace partita::knn {

/// The nearest that are known of each of many vectors, and the links that lead from a vector to
/// others: what rounds of refinement read and write. One copy on each node, which its ranks see at
/// once.
class NeighborLists {
  public:
    /// Ends a list that is not full.
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    /// Of a vector's links each way: those of more neighbours find hardly more.
    static constexpr std::int64_t most_links = 16;

    /// Collective. Empty lists of k neighbours.
    /// @throws CollectiveError when a node has no room for them.
    NeighborLists(Topology const& topology, std::int64_t rows, std::int64_t k);

    /// Memory that they take on each node.
    static std::int64_t bytes(std::int64_t rows, std::int64_t k);
    /// Positions are held as 32 bits.
    static bool can_hold(std::int64_t rows) { return rows < std::int64_t{none}; }

    std::int64_t rows() const { return rows_; }
    std::int64_t k() const { return k_; }

    /// Nearest first. Whoever writes a list marks it; no list has two writers.
    std::span<std::uint32_t> positions(std::int64_t row) { return of(positions_, row, k_); }
    std::span<float> distances(std::int64_t row) { return of(distances_, row, k_); }
    void mark(std::int64_t row) { written_[row] = 1; }

    /// Collective: what ranks have written, they all see, also those of other nodes.
    void share();

    /// Collective: link every vector with those that its list begins with, and with the nearest of
    /// the others whose lists begin with it, most_links each way. A function of the lists alone.
    /// @param memory_bytes  What this rank may work with: with less, the lists are read more often.
    void link(int threads, std::int64_t memory_bytes);
    /// Up to the first `none`.
    std::span<std::uint32_t const> links(std::int64_t row) const {
        return of(links_, row, 2 * breadth_);
    }

  private:
    class Listing;

    template <class T>
    static std::span<T> of(T* table, std::int64_t row, std::int64_t width) {
        return {table + row * width, static_cast<std::size_t>(width)};
    }
    void synchronise() const;
    void share_between_nodes(std::uint32_t* table) const;
    /// Is `other` among those of a row's list that it is linked with?
    bool begins_with(std::uint32_t row, std::int64_t other) const;
    void link_rows(RowRange range, Listing& listing);

    Topology topology_;
    std::int64_t rows_, k_, breadth_;
    std::optional<NodeSharedMemory> shared_;  ///< Where a node has several ranks, or
    Buffer<std::byte> own_;                   ///< where it has one.
    std::uint32_t *positions_, *links_;
    float* distances_;
    std::uint8_t* written_;
};

}  // namespace partita::knn
