#pragma once

#include "partita/comm/topology.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace partita {

/// How much memory each rank may use, and how that was decided.
struct MemoryBudget {
    std::int64_t per_rank_bytes = 0;
    std::int64_t per_node_bytes = 0;  ///< per_rank_bytes * ranks on this rank's node.
    std::string origin;               ///< "given" or "80 % of 23.4 GiB (cgroup v2) over 4 ranks".
};

/// Collective. `per_rank` is what --memory gave (bytes per rank); without it, each rank gets its
/// share of 80 % of what the node and its cgroup can still give. All ranks get the smallest value,
/// so that they plan alike.
///
/// @param least_bytes  The least that a rank can work with.
/// @throws CollectiveError when `per_rank` is below that or the node has not that much in all.
MemoryBudget memory_budget(Communicator const& comm, Topology const& topology,
                           std::optional<std::int64_t> per_rank,
                           std::int64_t least_bytes = 1 << 20);

}  // namespace partita
