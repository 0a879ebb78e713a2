#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/index/rows_at.hpp"
#include "knn/query_block.hpp"

#include "partita/core/row_range.hpp"
#include "partita/knn/exact_search.hpp"

#include <omp.h>

namespace partita::knn {

namespace {

/// All vectors, searched one and all.
class FlatIndex : public Index {
  public:
    FlatIndex(MappedFile file, IndexInfo const& info)
        : Index(info), file_(std::move(file)), layout_(read_flat_layout(file_)) {}

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = options.workspace_bytes;
        exact.progress = options.progress;
        return exact_search(table(), queries, k, info_.metric, exact);
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    bool can_search_within() const override { return true; }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override {
        MatrixView const base = table();
        std::vector<float> const centre =
            is_l2(info_.metric) ? choose_centre(base) : std::vector<float>();
        QueryBlock block(queries, 1, info_.metric, centre, options.threads);
        block.look_within(radius, most_entries);
        int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
        std::int64_t const pieces = (rows() + rows_per_piece - 1) / rows_per_piece;
#pragma omp parallel num_threads(threads)
        {
            ScanWorkspace workspace(dim(), 1);
#pragma omp for schedule(dynamic, 1)
            for (std::int64_t piece = 0; piece < pieces; ++piece) {
                RowRange const some = share_of(rows(), pieces, piece);
                block.scan(base.slice(some.first, some.last), {nullptr, some.first}, workspace);
            }
        }
        return block.finish_within();
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return rows_at(layout_.data, dim(), positions);
    }

    MatrixView table() const override { return {layout_.data, rows(), dim()}; }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

  private:
    static constexpr std::int64_t rows_per_piece = 512;

    MappedFile file_;
    FlatLayout layout_;
};

}  // namespace

std::unique_ptr<Index> open_flat_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<FlatIndex>(std::move(file), info);
}

}  // namespace partita::knn
