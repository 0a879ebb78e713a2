#pragma once

#include "knn/index/faiss_layout.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

/// A vector that the graph search reached.
struct Reached {
    float score;  ///< Smaller is nearer: squared L2 or minus the inner product, in float32.
    std::int32_t node;
    friend bool operator<(Reached a, Reached b) {
        return a.score < b.score || (a.score == b.score && a.node < b.node);
    }
};

/// What one thread needs to search: a mark per node, and heaps.
class HnswWorkspace {
  public:
    explicit HnswWorkspace(std::int64_t nodes);

    /// Forget all marks.
    void restart();
    /// Mark a node; false if it was marked before.
    bool mark(std::int32_t node) {
        if (marks_[node] == epoch_) return false;
        marks_[node] = epoch_;
        return true;
    }

    std::vector<Reached> frontier;  ///< Min-heap: the nearest not yet expanded.
    std::vector<Reached> best;      ///< Max-heap of at most ef: the nearest found.

  private:
    Buffer<std::uint16_t> marks_;
    std::uint16_t epoch_ = 0;
};

/// The ef nearest nodes that a best-first search of the graph finds, in workspace.best (unordered).
///
/// Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
/// hierarchical navigable small world graphs", 2018, algorithms 2 and 5; ties by node number, so
/// that the result is a function of file, query and ef.
void search_hnsw(HnswLayout const& graph, float const* query, std::int64_t ef,
                 HnswWorkspace& workspace);

}  // namespace partita::knn
