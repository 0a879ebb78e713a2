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
};

/// Scores of nodes for one query, by our own functions.
class VectorScorer {
  public:
    VectorScorer(GraphVectors const& vectors, float const* query)
        : vectors_(vectors),
          query_(query),
          scores_(vectors.l2 ? active_vector_functions->squared_l2_at
                             : active_vector_functions->minus_inner_product_at) {}

    void operator()(std::int32_t const* nodes, std::int64_t count, float* scores) const {
        scores_(scores, query_, vectors_.data, nodes, static_cast<std::size_t>(count),
                static_cast<std::size_t>(vectors_.dim));
    }

  private:
    GraphVectors vectors_;
    float const* query_;
    VectorFunctions::At scores_;
};

/// A mark per node.
class NodeMarks {
  public:
    explicit NodeMarks(std::int64_t nodes);
    static std::int64_t bytes(std::int64_t nodes) {
        return nodes * static_cast<std::int64_t>(sizeof(std::uint16_t));
    }

    /// Forget all marks.
    void restart();
    /// Mark a node; false if it was marked before.
    bool mark(std::int32_t node) {
        bool const fresh = marks_[node] != epoch_;
        marks_[node] = epoch_;
        return fresh;
    }

  private:
    Buffer<std::uint16_t> marks_;
    std::uint16_t epoch_ = 0;
};

/// What a walk needs beside marks, and what it leaves: the nearest nodes found.
struct WalkBuffers {
    NearestPool nearest;

    /// Lists are as long as their file says; they are walked by pieces.
    static constexpr std::int64_t piece_size = 128;
    std::int32_t nodes[piece_size];
    float scores[piece_size];
};

/// What one thread needs to walk a graph.
struct WalkWorkspace : WalkBuffers {
    explicit WalkWorkspace(std::int64_t nodes) : marks(nodes) {}
    NodeMarks marks;
};

/// Walks over a graph whose nodes have lists of links on one or more levels (HNSW). Malkov and
/// Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable
/// small world graphs", 2018, algorithms 2 and 5; ties by node number, so that what is found is a
/// function of graph, query and breadth.
///
/// @tparam Graph   Has rows() and links(node, level) (LinkList).
/// @tparam Scorer  Called with (nodes, count, scores): smaller is nearer.
template <class Graph, class Scorer>
class GraphWalk {
  public:
    GraphWalk(Graph const& graph, Scorer const& scorer, WalkBuffers& buffers)
        : graph_(graph), scorer_(scorer), buffers_(buffers) {}

    Reached reach(std::int32_t node) const {
        Reached reached{0, node};
        scorer_(&node, 1, &reached.score);
        return reached;
    }

    /// From the top level down to level 1.
    Reached descend_from_top(std::int32_t entry_point, int max_level) const {
        Reached nearest = reach(entry_point);
        for (int level = max_level; level > 0; --level) nearest = descend(nearest, level);
        return nearest;
    }

    /// On one level, always to the nearest neighbour, until none is nearer.
    Reached descend(Reached from, int level) const {
        for (Reached nearest = from;; from = nearest) {
            for_each_piece(graph_.links(from.node, level), [&](LinkList piece) {
                bool ended = false;
                std::int64_t const count = take_all(piece, ended);
                scorer_(buffers_.nodes, count, buffers_.scores);
                for (std::int64_t i = 0; i < count; ++i)
                    nearest = std::min(nearest, {buffers_.scores[i], buffers_.nodes[i]});
                return !ended;
            });
            if (!(nearest < from)) return nearest;
        }
    }

    /// Best first on one level, until the `breadth` nearest found have been expanded: leaves the
    /// `keep` nearest in the buffers' `nearest`.
    /// @param marks  Has restart() and mark(node), as NodeMarks.
    template <class Marks>
    void search(Reached from, int level, std::int64_t breadth, std::int64_t keep,
                Marks& marks) const {
        marks.restart();
        NearestPool& nearest = buffers_.nearest;
        nearest.restart(std::max(breadth, keep), breadth);
        marks.mark(from.node);
        nearest.offer(from);
        for (std::int32_t node = nearest.take_next(); node >= 0; node = nearest.take_next()) {
            LinkList const list = graph_.links(node, level);
            if (std::int32_t const then = nearest.peek_next(); then >= 0)
                fetch(graph_.links(then, level));
            for_each_piece(list, [&](LinkList piece) {
                bool ended = false;
                std::int64_t const count = take_fresh(piece, marks, ended);
                scorer_(buffers_.nodes, count, buffers_.scores);
                for (std::int64_t i = 0; i < count; ++i)
                    nearest.offer({buffers_.scores[i], buffers_.nodes[i]});
                return !ended;
            });
        }
    }

  private:
    /// Copy links to the buffers' nodes, all or those that were not marked, which then are.
    /// @return How many; `ended` says whether the list ended before its length.
    template <class Marks>
    std::int64_t take_fresh(LinkList piece, Marks& marks, bool& ended) const {
        return take(piece, ended, [&](std::int32_t node) { return marks.mark(node); });
    }
    std::int64_t take_all(LinkList piece, bool& ended) const {
        return take(piece, ended, [](std::int32_t) { return true; });
    }
    template <class Wanted>
    std::int64_t take(LinkList piece, bool& ended, Wanted wanted) const {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < piece.count; ++i) {
            auto const node = load_at<std::int32_t>(piece.links, i);
            if (node < 0 || node >= graph_.rows()) {
                ended = true;
                break;
            }
            buffers_.nodes[count] = node;  // no branch on the mark: nobody can predict it
            count += wanted(node) ? 1 : 0;
        }
        return count;
    }

    /// Stops when visit returns false.
    template <class Visit>
    static void for_each_piece(LinkList list, Visit visit) {
        while (list.count > 0) {
            std::int64_t const count = std::min(list.count, WalkBuffers::piece_size);
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
    Scorer scorer_;
    WalkBuffers& buffers_;
};

}  // namespace partita::knn
