#pragma once

#include "knn/build/growing_graph.hpp"

#include <cstdint>
#include <functional>

namespace partita::knn {

struct HnswOptions {
    std::int64_t ef_construction = 40;
    std::uint64_t seed = 0;
    int threads = 1;
    /// Called from the calling thread with the number of nodes linked since the last call.
    std::function<void(std::int64_t)> progress;
};

/// Link all nodes of a graph that has its vectors but no links. Rank-local.
///
/// Nodes go in by batches, in random order: every node of a batch searches the graph as it was
/// before the batch, then each old node that is to be linked back takes all its new neighbours at
/// once, the nearest by the heuristic of Malkov and Yashunin (2018, algorithm 4). Nothing is locked
/// and nothing depends on the threads: the graph is a function of vectors, options and seed. A
/// batch is a small share of the graph, so that few near neighbours miss each other; Manohar et
/// al., "ParlayANN", 2024, show that such graphs are as good as those built one by one.
///
/// A vector that is already there in the same form gets no links above level 0, and equal vectors
/// may take a quarter of each other's links only: else many equal vectors would be a trap that no
/// search leaves.
void link_graph(GrowingGraph& graph, HnswOptions const& options);

/// What link_graph takes beside the graph.
std::int64_t linking_memory_bytes(std::int64_t rows, std::int64_t links, int threads);

}  // namespace partita::knn
