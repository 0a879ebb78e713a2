#pragma once

#include "knn/index/faiss_layout.hpp"
#include "knn/ranked_neighbors.hpp"

#include "partita/core/matrix_view.hpp"
#include "partita/knn/index.hpp"
#include "partita/knn/index_info.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

/// A graph, and which rows of the index its nodes are.
struct GraphOfRows {
    RowRange rows;
    HnswLayout layout;
};

/// Graphs of runs of rows, searched one after the other for each query and merged.
class GraphSet {
  public:
    GraphSet() = default;
    GraphSet(std::vector<GraphOfRows> graphs, Metric metric);

    std::vector<GraphOfRows> const& graphs() const { return graphs_; }
    std::int64_t links() const;
    std::int64_t default_effort() const;

    /// The k nearest that are found, each graph with breadth max(effort, k). Threaded.
    /// `options.progress` counts queries.
    RankedNeighbors search(MatrixView queries, std::int64_t k, std::int64_t effort,
                           SearchOptions const& options) const;
    /// The k nearest of all vectors.
    RankedNeighbors search_exactly(MatrixView queries, std::int64_t k,
                                   SearchOptions const& options) const;

  private:
    std::vector<GraphOfRows> graphs_;
    Metric metric_ = Metric::l2;
};

/// Efforts worth measuring; see Index::efforts.
std::vector<std::int64_t> graph_efforts(std::int64_t rows, std::int64_t k);

}  // namespace partita::knn
