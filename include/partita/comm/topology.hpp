#pragma once

#include "partita/comm/communicator.hpp"

#include <vector>

namespace partita {

/// Which ranks share a node's memory.
class Topology {
  public:
    /// Collective. With $PARTITA_RANKS_PER_NODE = n, every n consecutive ranks of a real node count
    /// as a node of their own: the way to try several nodes on one machine. Rank 0's setting
    /// counts.
    /// @throws CollectiveError when it is no positive number.
    explicit Topology(Communicator const& comm);

    int nodes() const { return nodes_; }
    int node() const { return node_; }  ///< This rank's node, 0 <= node < nodes().
    int ranks_on_node() const { return on_node_.size(); }
    int rank_on_node() const { return on_node_.rank(); }
    /// Ranks that really share this machine: more than ranks_on_node() with the override only.
    int ranks_on_machine() const { return ranks_on_machine_; }
    bool is_node_leader() const { return on_node_.rank() == 0; }
    /// The ranks of this node.
    Communicator const& on_node() const { return on_node_; }
    /// The leaders of all nodes, by node; null on ranks that are no leader. Rank 0 of the world
    /// leads node 0.
    Communicator const* leaders() const { return leaders_.empty() ? nullptr : leaders_.data(); }

  private:
    Communicator on_node_;
    std::vector<Communicator> leaders_;  // one or none
    int nodes_ = 1;
    int node_ = 0;
    int ranks_on_machine_ = 1;
};

}  // namespace partita
