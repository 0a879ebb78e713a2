#include "knn/index/hnsw_search.hpp"

#include <algorithm>

#include <faiss/utils/distances.h>

namespace partita::knn {

namespace {

class GraphWalk {
  public:
    GraphWalk(HnswLayout const& graph, float const* query) : graph_(graph), query_(query) {}

    float score(std::int32_t node) const {
        auto const dim = static_cast<std::size_t>(graph_.header.dim);
        float const* vector =
            graph_.storage.data + static_cast<std::int64_t>(node) * graph_.header.dim;
        return graph_.header.l2 ? faiss::fvec_L2sqr(query_, vector, dim)
                                : -faiss::fvec_inner_product(query_, vector, dim);
    }

    /// Call visit(neighbour) for each link of `node` on `level`.
    template <class Visit>
    void for_each_link(std::int32_t node, int level, Visit visit) const {
        auto const first = load_at<std::int64_t>(graph_.offsets, node);
        std::int64_t const begin = first + graph_.cumulative_links[static_cast<std::size_t>(level)];
        std::int64_t const end =
            first + graph_.cumulative_links[static_cast<std::size_t>(level) + 1];
        if (begin < 0 || end > graph_.link_count) return;  // a damaged file must not be followed
        for (std::int64_t i = begin; i < end; ++i) {
            auto const neighbour = load_at<std::int32_t>(graph_.links, i);
            if (neighbour < 0 || neighbour >= graph_.header.rows) break;
            visit(neighbour);
        }
    }

    void prefetch(std::int32_t node) const {
        auto const* bytes = reinterpret_cast<char const*>(graph_.storage.data) +
                            static_cast<std::int64_t>(node) * graph_.header.dim * 4;
        for (std::int64_t at = 0; at < graph_.header.dim * 4 && at < 1024; at += 64)
            __builtin_prefetch(bytes + at);
    }

    /// From the entry point down to level 1, always to the nearest neighbour.
    Reached descend() const {
        Reached nearest{score(graph_.entry_point), graph_.entry_point};
        for (int level = graph_.max_level; level > 0; --level) {
            for (bool moved = true; moved;) {
                moved = false;
                for_each_link(nearest.node, level, [&](std::int32_t neighbour) {
                    Reached const candidate{score(neighbour), neighbour};
                    if (candidate < nearest) {
                        nearest = candidate;
                        moved = true;
                    }
                });
            }
        }
        return nearest;
    }

  private:
    HnswLayout const& graph_;
    float const* query_;
};

bool farther(Reached a, Reached b) { return b < a; }

void expand_level_0(GraphWalk const& walk, std::size_t ef, HnswWorkspace& workspace) {
    auto& frontier = workspace.frontier;
    auto& best = workspace.best;
    std::vector<std::int32_t> fresh;
    while (!frontier.empty()) {
        Reached const nearest = frontier.front();
        if (best.size() == ef && best.front() < nearest) return;
        std::pop_heap(frontier.begin(), frontier.end(), farther);
        frontier.pop_back();
        fresh.clear();
        walk.for_each_link(nearest.node, 0, [&](std::int32_t neighbour) {
            if (!workspace.mark(neighbour)) return;
            walk.prefetch(neighbour);
            fresh.push_back(neighbour);
        });
        for (std::int32_t node : fresh) {
            Reached const candidate{walk.score(node), node};
            if (best.size() == ef && best.front() < candidate) continue;
            frontier.push_back(candidate);
            std::push_heap(frontier.begin(), frontier.end(), farther);
            best.push_back(candidate);
            std::push_heap(best.begin(), best.end());
            if (best.size() > ef) {
                std::pop_heap(best.begin(), best.end());
                best.pop_back();
            }
        }
    }
}

}  // namespace

HnswWorkspace::HnswWorkspace(std::int64_t nodes) : marks_(nodes) {
    std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
}

void HnswWorkspace::restart() {
    if (++epoch_ == 0) {
        std::fill(marks_.begin(), marks_.end(), std::uint16_t{0});
        epoch_ = 1;
    }
    frontier.clear();
    best.clear();
}

void search_hnsw(HnswLayout const& graph, float const* query, std::int64_t ef,
                 HnswWorkspace& workspace) {
    workspace.restart();
    GraphWalk const walk(graph, query);
    Reached const entry = walk.descend();
    workspace.mark(entry.node);
    workspace.frontier.push_back(entry);
    workspace.best.push_back(entry);
    expand_level_0(walk, static_cast<std::size_t>(ef), workspace);
}

}  // namespace partita::knn
