#pragma once

#include "knn/faiss_kernels/vector_functions.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/nearest_pool.hpp"

#include "partita/core/buffer.hpp"

#include <algorithm>
#include <cstdint>

namespace partita::knn {

/// Where a node's links lie: int32 values, perhaps unaligned, of which the first negative one (or
/// the first that names no node) ends the list.
struct LinkList {
    std::byte const* links = nullptr;
    std::int64_t count = 0;
};

/// The vectors that a graph's nodes stand for.
struct GraphVectors {
    float const* data = nullptr;  ///< rows x dim, perhaps unaligned.
    std::int64_t rows = 0;
    std::int64_t dim = 0;
    bool l2 = true;  ///< Else inner product.

    float const* at(std::int32_t node) const {  // through bytes: float pointers must be aligned
        return reinterpret_cast<float const*>(reinterpret_cast<std::byte const*>(data) +
                                              static_cast<std::int64_t>(node) * dim * 4);
    }
    VectorFunctions::At scores() const {
        return l2 ? active_vector_functions->squared_l2_at
                  : active_vector_functions->minus_inner_product_at;
    }
};

/// What one thread needs to walk a graph: a mark per node, and the nearest nodes found.
class WalkWorkspace {
  public:
    explicit WalkWorkspace(std::int64_t nodes);

    /// Forget all marks.
    void restart();

    /// Copy those of at most piece_size links that have no mark to `nodes`, and mark them.
    /// @return How many; `ended` says whether the list ended before its length.
    std::int64_t take_fresh(LinkList links, std::int64_t rows, bool& ended) {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < links.count; ++i) {
            auto const node = load_at<std::int32_t>(links.links, i);
            if (node < 0 || node >= rows) {
                ended = true;
                break;
            }
            nodes[count] = node;  // no branch on the mark: nobody can predict it
            count += marks_[node] != epoch_;
            marks_[node] = epoch_;
        }
        return count;
    }
    void mark(std::int32_t node) { marks_[node] = epoch_; }

    NearestPool nearest;

    /// Lists are as long as their file says; they are walked by pieces.
    static constexpr std::int64_t piece_size = 128;
    std::int32_t nodes[piece_size];
    float scores[piece_size];

  private:
    Buffer<std::uint16_t> marks_;
    std::uint16_t epoch_ = 0;
};

/// Walks over a graph whose nodes have lists of links on one or more levels (HNSW). Malkov and
/// Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable
/// small world graphs", 2018, algorithms 2 and 5; ties by node number, so that what is found is a
/// function of graph, query and breadth.
///
/// @tparam Graph  Has vectors() (GraphVectors) and links(node, level) (LinkList).
template <class Graph>
class GraphWalk {
  public:
    GraphWalk(Graph const& graph, float const* query, WalkWorkspace& workspace)
        : graph_(graph),
          vectors_(graph.vectors()),
          scores_(vectors_.scores()),
          query_(query),
          workspace_(workspace) {}

    Reached reach(std::int32_t node) const {
        Reached reached{0, node};
        scores_(&reached.score, query_, vectors_.data, &node, 1, dim());
        return reached;
    }

    /// On one level, always to the nearest neighbour, until none is nearer.
    Reached descend(Reached from, int level) const {
        for (Reached nearest = from;; from = nearest) {
            for_each_piece(graph_.links(from.node, level), [&](LinkList piece) {
                std::int32_t* nodes = workspace_.nodes;
                std::int64_t count = 0;
                for (; count < piece.count; ++count) {
                    nodes[count] = load_at<std::int32_t>(piece.links, count);
                    if (nodes[count] < 0 || nodes[count] >= vectors_.rows) break;
                }
                score(count);
                for (std::int64_t i = 0; i < count; ++i)
                    nearest = std::min(nearest, Reached{workspace_.scores[i], nodes[i]});
                return count == piece.count;
            });
            if (!(nearest < from)) return nearest;
        }
    }

    /// Best first on one level: leaves the `breadth` nearest nodes found in the workspace's
    /// `nearest`.
    void search(Reached from, int level, std::int64_t breadth) const {
        workspace_.restart();
        NearestPool& nearest = workspace_.nearest;
        nearest.restart(breadth);
        workspace_.mark(from.node);
        nearest.offer(from);
        for (std::int32_t node = nearest.take_next(); node >= 0; node = nearest.take_next()) {
            LinkList const list = graph_.links(node, level);
            if (std::int32_t const then = nearest.peek_next(); then >= 0)
                fetch(graph_.links(then, level));
            for_each_piece(list, [&](LinkList piece) {
                bool ended = false;
                std::int64_t const count = workspace_.take_fresh(piece, vectors_.rows, ended);
                score(count);
                for (std::int64_t i = 0; i < count; ++i)
                    nearest.offer({workspace_.scores[i], workspace_.nodes[i]});
                return !ended;
            });
        }
    }

  private:
    std::size_t dim() const { return static_cast<std::size_t>(vectors_.dim); }

    /// Score the first `count` of the workspace's nodes.
    void score(std::int64_t count) const {
        scores_(workspace_.scores, query_, vectors_.data, workspace_.nodes,
                static_cast<std::size_t>(count), dim());
    }

    /// Stops when visit returns false.
    template <class Visit>
    static void for_each_piece(LinkList list, Visit visit) {
        while (list.count > 0) {
            std::int64_t const count = std::min(list.count, WalkWorkspace::piece_size);
            if (!visit(LinkList{list.links, count})) return;
            list.links += count * 4;
            list.count -= count;
        }
    }

    static void fetch(LinkList list) {
        for (std::int64_t at = 0; at < list.count * 4 && at < 512; at += 64)
            __builtin_prefetch(list.links + at);
    }

    Graph const& graph_;
    GraphVectors vectors_;
    VectorFunctions::At scores_;
    float const* query_;
    WalkWorkspace& workspace_;
};

}  // namespace partita::knn
