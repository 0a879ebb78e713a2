#include "knn/index/graph_set.hpp"

#include "knn/index/hnsw_search.hpp"
#include "knn/ranked_search.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr std::int64_t queries_at_a_time = 64;

/// What one thread needs to search.
class Searcher {
  public:
    Searcher(std::vector<GraphOfRows> const& graphs, Metric metric)
        : graphs_(graphs), metric_(metric), workspace_(largest(graphs)) {}

    void find(float const* query, std::int64_t effort, RankedNeighbor* out, std::int64_t k) {
        ranked_.clear();
        for (GraphOfRows const& graph : graphs_) {
            std::int64_t const breadth = std::min(std::max(effort, k), graph.rows.size());
            search_hnsw(graph.layout, query, breadth, workspace_);
            rank(graph, query);
        }
        auto const found = std::min(k, std::ssize(ranked_));
        std::partial_sort(ranked_.begin(), ranked_.begin() + found, ranked_.end());
        std::copy_n(ranked_.begin(), found, out);
        std::fill(out + found, out + k, no_neighbor);
    }

  private:
    static std::int64_t largest(std::vector<GraphOfRows> const& graphs) {
        std::int64_t rows = 0;
        for (GraphOfRows const& graph : graphs) rows = std::max(rows, graph.rows.size());
        return rows;
    }

    /// By exact distance, as the exact engine ranks.
    void rank(GraphOfRows const& graph, float const* query) {
        GraphVectors const vectors = FileGraph(graph.layout).vectors();
        NearestPool const& nearest = workspace_.nearest;
        for (std::int64_t i = 0; i < nearest.size(); ++i) {
            std::int32_t const node = nearest[i].node;
            ranked_.push_back(
                {rank_distance(metric_, query, vectors.at(node), graph.layout.header.dim),
                 graph.rows.first + node});
        }
    }

    std::vector<GraphOfRows> const& graphs_;
    Metric metric_;
    WalkWorkspace workspace_;
    std::vector<RankedNeighbor> ranked_;
};

}  // namespace

GraphSet::GraphSet(std::vector<GraphOfRows> graphs, Metric metric)
    : graphs_(std::move(graphs)), metric_(metric) {
    for (GraphOfRows const& graph : graphs_)
        check(graph.layout.header.rows == graph.rows.size(),
              "damaged index: a graph of {} vectors, expected {}", graph.layout.header.rows,
              graph.rows.size());
}

std::int64_t GraphSet::links() const {
    auto const& cumulative = graphs_.front().layout.cumulative_links;
    return cumulative.size() > 1 ? cumulative[1] / 2 : 0;
}

std::int64_t GraphSet::default_effort() const {
    return std::max(graphs_.front().layout.ef_search, 64);
}

RankedNeighbors GraphSet::search(MatrixView queries, std::int64_t k, std::int64_t effort,
                                 SearchOptions const& options) const {
    RankedNeighbors found(queries.rows, k);
    int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
    {
        Searcher searcher(graphs_, metric_);
#pragma omp for schedule(dynamic, 1)
        for (std::int64_t first = 0; first < queries.rows; first += queries_at_a_time) {
            std::int64_t const last = std::min(first + queries_at_a_time, queries.rows);
            for (std::int64_t q = first; q < last; ++q)
                searcher.find(queries.row_data(q), effort, found.row(q), k);
            if (options.progress) {
#pragma omp critical(partita_hnsw_progress)
                options.progress(last - first);
            }
        }
    }
    return found;
}

RankedNeighbors GraphSet::search_exactly(MatrixView queries, std::int64_t k,
                                         SearchOptions const& options) const {
    ExactSearchOptions exact;
    exact.threads = options.threads;
    exact.workspace_bytes = options.workspace_bytes;
    RankedNeighbors found(queries.rows, k);
    std::fill_n(found.data(), queries.rows * k, no_neighbor);
    auto const width = static_cast<std::size_t>(k);
    std::vector<RankedNeighbor> scratch(width);
    for (GraphOfRows const& graph : graphs_) {
        RankedNeighbors const some = exact_search_ranked(
            {graph.layout.storage.data, graph.rows.size(), graph.layout.header.dim},
            graph.rows.first, queries, k, metric_, exact);
        for (std::int64_t q = 0; q < queries.rows; ++q)
            merge_nearest({found.row(q), width}, {some.row(q), width}, scratch);
    }
    return found;
}

std::vector<std::int64_t> graph_efforts(std::int64_t rows, std::int64_t k) {
    std::vector<std::int64_t> efforts;
    for (std::int64_t ef = std::max<std::int64_t>(k, 8); ef < rows && ef < 4096; ef += ef / 2)
        efforts.push_back(ef);
    efforts.push_back(std::min<std::int64_t>(rows, 4096));
    return efforts;
}

}  // namespace partita::knn
