#pragma once

#include "knn/index/graph_walk.hpp"

namespace partita::knn {

/// The graph of an HNSW file, where it lies.
class FileGraph {
  public:
    explicit FileGraph(HnswLayout const& layout) : layout_(layout) {}

    GraphVectors vectors() const {
        return {layout_.storage.data, layout_.header.rows, layout_.header.dim, layout_.header.l2};
    }
    std::int64_t rows() const { return layout_.header.rows; }
    LinkList links(std::int32_t node, int level) const {
        auto const first = load_at<std::int64_t>(layout_.offsets, node);
        auto const* sums = layout_.cumulative_links.data() + level;
        // a damaged file must not be followed
        if (first < 0 || first > layout_.link_count - sums[1] || sums[0] < 0) return {};
        return {layout_.links + (first + sums[0]) * 4, sums[1] - sums[0]};
    }

  private:
    HnswLayout const& layout_;
};

/// The `breadth` nearest nodes that a best-first search of the graph finds, in workspace.nearest.
/// See GraphWalk.
void search_hnsw(HnswLayout const& graph, float const* query, std::int64_t breadth,
                 WalkWorkspace& workspace);

}  // namespace partita::knn
