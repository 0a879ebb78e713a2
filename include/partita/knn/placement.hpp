#pragma once

#include <cstdint>
#include <string>

namespace partita::knn {

/// Where an index is while it is searched.
enum class Placement {
    automatic,  ///< One of the others, by the nodes' memory.
    replicate,  ///< One copy on each node, shared by its ranks.
    shard       ///< Shared out among all ranks; queries travel.
};

/// @throws Error unless `name` is "auto", "replicate" or "shard".
Placement parse_placement(std::string const& name);
std::string to_string(Placement placement);

/// What a placement is chosen by.
struct PlacementFacts {
    std::string type;  ///< "flat", "ivf", "hnsw" or another FAISS index.
    std::int64_t index_bytes = 0;
    std::int64_t node_memory_bytes = 0;  ///< What the job may use on a node.
    int nodes = 1, ranks = 1;
    bool can_be_shared = true;  ///< Not an hnsw index of a single graph, nor one of FAISS's own.
    /// Of a node, beside an hnsw index: see graph_workspace_bytes.
    std::int64_t workspace_bytes = 0;
};

struct PlacementChoice {
    Placement placement = Placement::replicate;
    std::string reason;  ///< For people: "3.2 GiB are over 60 % of a node's 4 GiB".
};

/// Can an index of this type be shared out? An hnsw one if it was built with several shards.
bool can_be_sharded(std::string const& type);

/// Is an index of this size within 60 % of a node's memory? The rest is for queries and results.
bool fits_node(std::int64_t index_bytes, std::int64_t node_memory_bytes);

/// Replicate while the index takes under 60 % of a node's memory, else shard where that helps: a
/// single node has one copy in any case. A pure function.
/// @throws Error when `asked` is shard and the type cannot be shared out; when a node's memory does
///         not hold an hnsw index, of which no part can be read when it is needed.
PlacementChoice choose_placement(Placement asked, PlacementFacts const& facts);

/// The least that the ranks of a node need beside an hnsw index, to walk a graph of so many
/// vectors.
std::int64_t graph_workspace_bytes(std::int64_t graph_rows, int ranks_on_node, int threads);

}  // namespace partita::knn
