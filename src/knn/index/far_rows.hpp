#pragma once

#include "knn/index/far_file.hpp"
#include "knn/query_block.hpp"

#include "partita/knn/index.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace partita::knn {

/// Vectors of which memory holds only a few at a time: they are read from their file, in its order,
/// once for each block of queries. Thread-safe.
class FarRows : public RowStore {
  public:
    /// @param places          Where they lie in the mapping; not looked at.
    /// @param first_position  Of the first one.
    FarRows(MappedFile const& mapping, MatrixView places, std::int64_t first_position,
            Metric metric);

    static std::int64_t bytes_per_query(std::int64_t dim, std::int64_t k) {
        return QueryBlock::bytes_per_query(dim, k, true);
    }

    /// The k nearest of each query; `Found` is what QueryBlock::finish takes.
    template <class Found>
    void search(MatrixView queries, std::int64_t k, SearchOptions const& options,
                Found& out) const {
        std::int64_t const step = queries_at_once(k, options);
        for (std::int64_t first = 0; first < queries.rows; first += step) {
            std::int64_t const last = std::min(first + step, queries.rows);
            QueryBlock block(queries.slice(first, last), k, metric_, centre_, options.threads,
                             this);
            scan(block, k, options.threads);
            block.finish(out, first, options.threads);
            if (options.progress) options.progress(last - first);
        }
    }

    /// Let all queries of a block, which has this as its store, see all vectors.
    void scan(QueryBlock& block, std::int64_t k, int threads) const;

    std::vector<float> const& centre() const { return centre_; }
    /// By their numbers here.
    Matrix rows_at(std::vector<std::int64_t> const& numbers) const;
    void for_each(
        std::function<void(std::int64_t number, std::byte const* vector)> const& visit) const;

    float const* vector(float const* place, float* room) const override;
    void vectors(std::span<float const* const> places, float* out) const override {
        file_.read_rows(places, row_bytes(), out);
    }
    bool is_far() const override { return true; }
    bool is_comparable() const override { return false; }

  private:
    class Piece;

    std::int64_t queries_at_once(std::int64_t k, SearchOptions const& options) const;
    std::int64_t row_bytes() const {
        return places_.cols * static_cast<std::int64_t>(sizeof(float));
    }
    /// Of a piece that a thread reads at a time.
    std::int64_t piece_rows() const;
    void read(std::int64_t first, std::int64_t count, float* out) const;

    FarFile file_;
    MatrixView places_;
    std::int64_t first_position_;
    Metric metric_;
    std::vector<float> centre_;
};

}  // namespace partita::knn
