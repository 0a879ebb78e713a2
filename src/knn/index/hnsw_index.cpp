#include "knn/index/graph_set.hpp"
#include "knn/index/open.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>

namespace partita::knn {

namespace {

/// Navigable small-world graphs, searched where they lie in the file.
class HnswIndex : public Index {
  public:
    HnswIndex(MappedFile file, IndexInfo const& info) : Index(info), file_(std::move(file)) {
        std::vector<GraphOfRows> graphs;
        for (GraphPart const& part : read_graph_parts(file_))
            graphs.push_back({part.rows, read_hnsw_layout(bytes_of(part), file_.path())});
        graphs_ = GraphSet(std::move(graphs), info.metric);
        info_.type = "hnsw";
        info_.links = graphs_.links();
        if (info_.default_effort == 0) info_.default_effort = graphs_.default_effort();
    }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        std::int64_t const effort = options.effort > 0 ? options.effort : info_.default_effort;
        return reported(graphs_.search(queries, k, effort, options));
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return reported(graphs_.search_exactly(queries, k, options));
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        Matrix vectors(std::ssize(positions), dim());
        auto const& graphs = graphs_.graphs();
        for (std::size_t i = 0; i < positions.size(); ++i) {
            auto const graph = std::find_if(graphs.begin(), graphs.end(), [&](auto const& g) {
                return g.rows.contains(positions[i]);
            });
            auto const* const storage =
                reinterpret_cast<std::byte const*>(graph->layout.storage.data);
            std::int64_t const row_bytes = dim() * static_cast<std::int64_t>(sizeof(float));
            std::memcpy(vectors.row(static_cast<std::int64_t>(i)),
                        storage + (positions[i] - graph->rows.first) * row_bytes,
                        static_cast<std::size_t>(row_bytes));
        }
        return vectors;
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override {
        return graph_efforts(rows(), k);
    }

  private:
    std::span<std::byte const> bytes_of(GraphPart const& part) const {
        return file_.bytes().subspan(static_cast<std::size_t>(part.offset),
                                     static_cast<std::size_t>(part.bytes));
    }

    Neighbors reported(RankedNeighbors const& ranked) const {
        Neighbors found(ranked.rows(), ranked.cols());
        for (std::int64_t q = 0; q < ranked.rows(); ++q)
            report_neighbors({ranked.row(q), static_cast<std::size_t>(ranked.cols())}, info_.metric,
                             found, q);
        return found;
    }

    MappedFile file_;
    GraphSet graphs_;
};

}  // namespace

std::unique_ptr<Index> open_hnsw_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<HnswIndex>(std::move(file), info);
}

}  // namespace partita::knn
