#include "knn/index/hnsw_search.hpp"

namespace partita::knn {

NodeMarks::NodeMarks(std::int64_t nodes) : marks_(nodes) {
    std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
}

void NodeMarks::restart() {
    if (++epoch_ != 0) return;
    std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
    epoch_ = 1;
}

void search_hnsw(HnswLayout const& graph, float const* query, std::int64_t breadth,
                 WalkWorkspace& workspace) {
    FileGraph const file(graph);
    GraphWalk const walk(file, VectorScorer(file.vectors(), query), workspace);
    Reached const nearest = walk.descend_from_top(graph.entry_point, graph.max_level);
    walk.search(nearest, 0, breadth, breadth, workspace.marks);
}

}  // namespace partita::knn
