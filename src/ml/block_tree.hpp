#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/ml/blocking.hpp"
#include "partita/ml/fold_rows.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace partita::ml {

/// Merges the states of blocks along a binary tree over block numbers: the node (level, i) stands
/// for blocks [i 2^level, (i + 1) 2^level). Which states are merged with which depends on the
/// number of blocks only.
class BlockTree {
  public:
    using State = std::vector<double>;

    BlockTree(Communicator const& comm, Blocking const& blocking, Partial const& partial);

    /// A state of this rank's block is complete. Thread-safe, rank-local: merges with what is
    /// there.
    void add(std::int64_t block, State state) { climb({0, block}, std::move(state)); }

    /// Collective, when all blocks have been added: the root's state, on every rank.
    State finish();

  private:
    using Node = std::pair<int, std::int64_t>;  // level, index

    RowRange leaves_of(Node node) const;
    bool exists(Node node) const { return leaves_of(node).first < blocks_; }
    bool is_root(Node node) const { return leaves_of(node) == RowRange{0, blocks_}; }
    int owner_of(Node node) const;
    /// Take a waiting sibling, or leave `state` to wait for it.
    bool take_sibling(Node node, State& state, State& sibling);
    /// Merge with what this rank holds, up to a node whose sibling is not there yet, or the root.
    void climb(Node node, State state);
    void exchange_level(int level);
    void exchange(Node node, State state);
    void send(State const& state, int to, int level) const;
    State receive(int from, int level) const;

    Communicator const& comm_;
    Partial const& partial_;
    std::int64_t blocks_;
    std::mutex mutex_;
    std::map<Node, State> held_;  // complete states that wait for a sibling
    State root_;                  // empty until complete, and on ranks other than 0
};

}  // namespace partita::ml
