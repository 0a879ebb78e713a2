#include "knn/index/hnsw_search.hpp"
#include "knn/index/open.hpp"
#include "knn/index/rows_at.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/exact_search.hpp"

#include <algorithm>
#include <limits>

#include <omp.h>

namespace partita::knn {

namespace {

/// A navigable small-world graph, searched where it lies in the file.
class HnswIndex : public Index {
  public:
    HnswIndex(MappedFile file, IndexInfo const& info)
        : Index(info), file_(std::move(file)), graph_(read_hnsw_layout(file_)) {
        info_.type = "hnsw";
        info_.links = graph_.cumulative_links.size() > 1 ? graph_.cumulative_links[1] / 2 : 0;
        if (info_.default_effort == 0) info_.default_effort = std::max(graph_.ef_search, 64);
    }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        std::int64_t const effort = options.effort > 0 ? options.effort : info_.default_effort;
        std::int64_t const ef = std::min(std::max(effort, k), rows());
        Neighbors found(queries.rows, k);
        int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
        {
            WalkWorkspace workspace(rows());
            std::vector<std::pair<double, std::int64_t>> ranked;
#pragma omp for schedule(dynamic, 64)
            for (std::int64_t q = 0; q < queries.rows; ++q) {
                search_hnsw(graph_, queries.row_data(q), ef, workspace);
                rank(queries.row_data(q), workspace.nearest, ranked);
                write(ranked, found, q);
                if (options.progress && q % 64 == 63) report(options, 64);
            }
        }
        if (options.progress) options.progress(queries.rows % 64);
        return found;
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = options.workspace_bytes;
        return exact_search({graph_.storage.data, rows(), dim()}, queries, k, info_.metric, exact);
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return rows_at(graph_.storage.data, dim(), positions);
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override {
        std::vector<std::int64_t> efforts;
        for (std::int64_t ef = std::max<std::int64_t>(k, 8); ef < rows() && ef < 4096; ef += ef / 2)
            efforts.push_back(ef);
        efforts.push_back(std::min<std::int64_t>(rows(), 4096));
        return efforts;
    }

  private:
    /// By exact distance, as the exact engine ranks.
    void rank(float const* query, NearestPool const& nearest,
              std::vector<std::pair<double, std::int64_t>>& ranked) const {
        ranked.clear();
        GraphVectors const vectors = FileGraph(graph_).vectors();
        for (std::int64_t i = 0; i < nearest.size(); ++i) {
            std::int32_t const node = nearest[i].node;
            ranked.emplace_back(rank_distance(info_.metric, query, vectors.at(node), dim()), node);
        }
        std::sort(ranked.begin(), ranked.end());
    }

    void write(std::vector<std::pair<double, std::int64_t>> const& ranked, Neighbors& found,
               std::int64_t q) const {
        for (std::int64_t j = 0; j < found.k(); ++j) {
            bool const exists = j < static_cast<std::int64_t>(ranked.size());
            found.positions.row(q)[j] = exists ? ranked[static_cast<std::size_t>(j)].second : -1;
            found.distances.row(q)[j] =
                exists ? reported_distance(info_.metric, ranked[static_cast<std::size_t>(j)].first)
                       : std::numeric_limits<float>::infinity();
        }
    }

    static void report(SearchOptions const& options, std::int64_t done) {
#pragma omp critical(partita_hnsw_progress)
        options.progress(done);
    }

    MappedFile file_;
    HnswLayout graph_;
};

}  // namespace

std::unique_ptr<Index> open_hnsw_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<HnswIndex>(std::move(file), info);
}

}  // namespace partita::knn
