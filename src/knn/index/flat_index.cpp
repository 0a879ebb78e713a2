#include "knn/index/faiss_layout.hpp"
#include "knn/index/far_rows.hpp"
#include "knn/index/open.hpp"
#include "knn/index/rows_at.hpp"
#include "knn/query_block.hpp"
#include "knn/ranked_search.hpp"

#include "partita/knn/exact_search.hpp"

#include <optional>

namespace partita::knn {

namespace {

/// All vectors, searched one and all.
class FlatIndex : public Index {
  public:
    FlatIndex(MappedFile file, IndexInfo const& info)
        : Index(info), file_(std::move(file)), layout_(read_flat_layout(file_)) {}

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        if (far_) {
            Neighbors out(queries.rows, k);
            far_->search(queries, k, options, out);
            return out;
        }
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = options.workspace_bytes;
        exact.progress = options.progress;
        return exact_search(vectors(), queries, k, info_.metric, exact);
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    bool can_search_within() const override { return true; }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override {
        if (far_) {
            QueryBlock block(queries, 1, info_.metric, far_->centre(), options.threads, &*far_);
            block.look_within(radius, most_entries);
            far_->scan(block, 1, options.threads);
            return block.finish_within();
        }
        MatrixView const base = vectors();
        std::vector<float> const centre =
            is_l2(info_.metric) ? choose_centre(base) : std::vector<float>();
        QueryBlock block(queries, 1, info_.metric, centre, options.threads);
        block.look_within(radius, most_entries);
        scan_all(block, base, 0, options.threads);
        return block.finish_within();
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return far_ ? far_->rows_at(positions) : rows_at(layout_.data, dim(), positions);
    }

    MatrixView table() const override { return far_ ? MatrixView() : vectors(); }

    void keep_little_in_memory() override { far_.emplace(file_, vectors(), 0, info_.metric); }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const&) const override {
        return far_ ? FarRows::bytes_per_query(dim(), k) : 0;
    }

    /// As many as there is memory for, since the file is read anew for each block.
    std::int64_t queries_together(SearchOptions const&) const override {
        return far_ ? std::int64_t{1} << 20 : 1;
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

  private:
    MatrixView vectors() const { return {layout_.data, rows(), dim()}; }

    MappedFile file_;
    FlatLayout layout_;
    std::optional<FarRows> far_;  ///< Where memory does not hold them.
};

}  // namespace

std::unique_ptr<Index> open_flat_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<FlatIndex>(std::move(file), info);
}

}  // namespace partita::knn
