#include "partita/knn/cluster_plan.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/build.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

/// What search_all would plan with the memory that the index leaves.
RoundPlan plan_search_on(ClusterLayout const& layout, JobShape const& shape, std::int64_t k,
                         bool shared_out, std::int64_t share_bytes) {
    QueryCosts costs;
    costs.vectors = shape.dim * 4 + 8;
    costs.working =
        predict_workspace_per_query(shape, k + 1, shared_out ? static_cast<int>(layout.ranks) : 1);
    costs.results = (k + 1) * 40;
    std::int64_t const left = layout.rank_bytes - share_bytes;
    check(left > 0, "the index takes {} of each rank's {}: expected more nodes or more memory",
          format_bytes(static_cast<double>(share_bytes)),
          format_bytes(static_cast<double>(layout.rank_bytes)));
    return plan_rounds(costs, left / 3 * 2);
}

}  // namespace

ClusterLayout::ClusterLayout(Cluster const& cluster)
    : ranks_per_node(std::max<std::int64_t>(1, cluster.cores / 8)),
      threads(cluster.cores / ranks_per_node),
      ranks(ranks_per_node * cluster.nodes),
      node_bytes(cluster.node_memory_bytes / 5 * 4),
      rank_bytes(node_bytes / ranks_per_node) {}

ClusterPlan plan_on_cluster(Cluster const& cluster, JobShape const& shape, std::int64_t k,
                            Placement asked) {
    ClusterPlan plan{ClusterLayout(cluster), predict_index_bytes(shape), 0, {}, {}};
    ClusterLayout const& layout = plan.layout;
    plan.placement =
        choose_placement(asked, {shape.type, plan.index_bytes, layout.node_bytes,
                                 static_cast<int>(cluster.nodes), static_cast<int>(layout.ranks)});
    plan.share_bytes =
        plan.index_bytes / (plan.is_shared_out() ? layout.ranks : layout.ranks_per_node);
    plan.rounds = plan_search_on(layout, shape, k, plan.is_shared_out(), plan.share_bytes);
    return plan;
}

JobShape complete(JobShape shape) {
    if (shape.queries == 0) shape.queries = shape.rows;
    if (shape.type == "auto") shape.type = choose_type(shape.rows, shape.dim, shape.queries).type;
    if (shape.lists == 0) shape.lists = default_lists(shape.rows);
    shape.effort = std::min(shape.effort, shape.lists);
    return shape;
}

}  // namespace partita::knn
