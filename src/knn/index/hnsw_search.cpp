#include "knn/index/hnsw_search.hpp"

namespace partita::knn {

WalkWorkspace::WalkWorkspace(std::int64_t nodes) : marks_(nodes) {
    std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
}

void WalkWorkspace::restart() {
    if (++epoch_ != 0) return;
    std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
    epoch_ = 1;
}

void search_hnsw(HnswLayout const& graph, float const* query, std::int64_t breadth,
                 WalkWorkspace& workspace) {
    FileGraph const file(graph);
    GraphWalk const walk(file, query, workspace);
    Reached nearest = walk.reach(graph.entry_point);
    for (int level = graph.max_level; level > 0; --level) nearest = walk.descend(nearest, level);
    walk.search(nearest, 0, breadth);
}

}  // namespace partita::knn
