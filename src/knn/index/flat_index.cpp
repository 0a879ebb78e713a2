#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/index/rows_at.hpp"

#include "partita/knn/exact_search.hpp"

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
        return exact_search({layout_.data, rows(), dim()}, queries, k, info_.metric, exact);
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return rows_at(layout_.data, dim(), positions);
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

  private:
    MappedFile file_;
    FlatLayout layout_;
};

}  // namespace

std::unique_ptr<Index> open_flat_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<FlatIndex>(std::move(file), info);
}

}  // namespace partita::knn
