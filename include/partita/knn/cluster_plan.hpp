#pragma once

#include "partita/knn/placement.hpp"
#include "partita/knn/plan.hpp"

#include <cstdint>

namespace partita::knn {

/// Machines that a job is planned for.
struct Cluster {
    std::int64_t nodes = 1, cores = 1;   ///< Cores of a node.
    std::int64_t node_memory_bytes = 0;  ///< All of a node's.
};

/// How a job is laid out on them: ranks of about eight threads, one for each of the usual memory
/// domains.
struct ClusterLayout {
    std::int64_t ranks_per_node, threads, ranks;
    std::int64_t node_bytes, rank_bytes;  ///< What the job takes when --memory does not say.

    explicit ClusterLayout(Cluster const& cluster);
};

/// Where the index would be, and how a search would go.
struct ClusterPlan {
    ClusterLayout layout;
    std::int64_t index_bytes, share_bytes;  ///< In all; of a rank.
    PlacementChoice placement;
    RoundPlan rounds;

    bool is_shared_out() const { return placement.placement == Placement::shard; }
};

/// What the command would plan there. A pure function.
/// @param shape  Nothing left to choose: type, lists, queries.
/// @throws Error when the index does not fit, or cannot be placed as asked.
ClusterPlan plan_on_cluster(Cluster const& cluster, JobShape const& shape, std::int64_t k,
                            Placement asked);

/// What a job leaves to choose, chosen: "auto", 0 queries = the vectors themselves, 0 lists.
JobShape complete(JobShape shape);

}  // namespace partita::knn
