#include "ml/block_tree.hpp"

#include "partita/comm/mpi_error.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <limits>

#include <mpi.h>

namespace partita::ml {

namespace {

constexpr int tree_tag = 96;

int message_size(BlockTree::State const& state) {
    check(state.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
          "a partial result of {} numbers is more than one message carries", state.size());
    return static_cast<int>(state.size());
}

}  // namespace

BlockTree::BlockTree(Communicator const& comm, Blocking const& blocking, Partial const& partial)
    : comm_(comm), partial_(partial), blocks_(blocking.blocks()) {}

RowRange BlockTree::leaves_of(Node node) const {
    std::int64_t const width = std::int64_t{1} << node.first;
    return {node.second * width, std::min(blocks_, (node.second + 1) * width)};
}

int BlockTree::owner_of(Node node) const {
    return static_cast<int>(share_holding(blocks_, comm_.size(), leaves_of(node).first));
}

bool BlockTree::take_sibling(Node node, State& state, State& sibling) {
    std::lock_guard const lock(mutex_);
    auto const at = held_.find({node.first, node.second ^ 1});
    if (at == held_.end()) {
        held_.emplace(node, std::move(state));
        return false;
    }
    sibling = std::move(at->second);
    held_.erase(at);
    return true;
}

void BlockTree::climb(Node node, State state) {
    while (!is_root(node)) {
        if (exists({node.first, node.second ^ 1})) {
            State other;
            if (!take_sibling(node, state, other)) return;
            if (node.second & 1) std::swap(state, other);
            partial_.merge(state, other);
        }
        node = {node.first + 1, node.second / 2};
    }
    root_ = std::move(state);
}

void BlockTree::send(State const& state, int to, int level) const {
    check_mpi(MPI_Send(state.data(), message_size(state), MPI_DOUBLE, to, tree_tag + level,
                       comm_.handle()),
              "MPI_Send");
}

BlockTree::State BlockTree::receive(int from, int level) const {
    State state(static_cast<std::size_t>(partial_.size()));
    check_mpi(MPI_Recv(state.data(), message_size(state), MPI_DOUBLE, from, tree_tag + level,
                       comm_.handle(), MPI_STATUS_IGNORE),
              "MPI_Recv");
    return state;
}

/// Of a level's nodes that a rank still holds, the first may be a right sibling of another rank's,
/// the last a left one. Sending comes first and goes to lower ranks only: nobody waits in a circle.
void BlockTree::exchange_level(int level) {
    while (!held_.empty() && held_.begin()->first.first == level) {
        auto held = held_.extract(held_.begin());
        exchange(held.key(), std::move(held.mapped()));
    }
}

void BlockTree::exchange(Node node, State state) {
    Node const sibling{node.first, node.second ^ 1};
    if (node.second & 1) {
        send(state, owner_of(sibling), node.first);
        return;
    }
    State const right = receive(owner_of(sibling), node.first);
    partial_.merge(state, right);
    climb({node.first + 1, node.second / 2}, std::move(state));
}

BlockTree::State BlockTree::finish() {
    for (int level = 0; (std::int64_t{1} << level) < blocks_; ++level) exchange_level(level);
    if (root_.empty()) {
        root_.resize(static_cast<std::size_t>(partial_.size()));
        partial_.clear(root_);
    }
    comm_.broadcast(std::span(root_));
    return std::move(root_);
}

}  // namespace partita::ml
