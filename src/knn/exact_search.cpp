#include "partita/knn/exact_search.hpp"

#include "knn/query_block.hpp"
#include "knn/ranked_search.hpp"
#include "knn/workspace.hpp"

#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <vector>

#include <omp.h>

namespace partita::knn {
namespace {

/// Rows that a thread scans at a time: few enough to balance threads.
constexpr std::int64_t rows_per_piece = 512;
/// Packing a panel costs about as much as scoring it against ten queries; a thousand hide that.
constexpr std::int64_t most_queries = 2048;
/// Work of one block of queries, cut into pieces: so many runs of rows times so many of queries.
struct Pieces {
    std::int64_t row_parts, query_parts;

    Pieces(std::int64_t rows, std::int64_t queries, int threads)
        : row_parts((rows + rows_per_piece - 1) / rows_per_piece), query_parts(1) {
        // A small base alone would not occupy many threads.
        std::int64_t const wanted = 8 * std::int64_t{threads};
        if (row_parts > 0 && row_parts < wanted)
            query_parts = std::clamp<std::int64_t>(wanted / row_parts, 1, queries / 48 + 1);
    }
    std::int64_t size() const { return row_parts * query_parts; }
};

class Search {
  public:
    Search(MatrixView base, std::int64_t first_position, std::int64_t k, Metric metric,
           ExactSearchOptions const& options)
        : base_(base),
          first_position_(first_position),
          k_(std::clamp<std::int64_t>(base.rows, 1, k)),
          metric_(metric),
          progress_(options.progress),
          threads_(options.threads > 0 ? options.threads : omp_get_max_threads()),
          workspaces_(make_workspaces()) {
        if (metric == Metric::l2) centre_ = choose_centre(base);
    }

    std::int64_t k() const { return k_; }

    template <class Found>
    void run(MatrixView queries, Found& out, std::int64_t first_query) {
        QueryBlock block(queries, k_, metric_, centre_, threads_);
        std::vector<std::int32_t> all(static_cast<std::size_t>(queries.rows));
        std::iota(all.begin(), all.end(), 0);
        Pieces const pieces(base_.rows, queries.rows, threads_);
        std::atomic<std::int64_t> next{0};
        std::int64_t reported = 0;
#pragma omp parallel num_threads(threads_)
        for (std::int64_t piece = next++; piece < pieces.size(); piece = next++) {
            scan_piece(block, all, pieces, piece);
            if (omp_get_thread_num() == 0)
                report(queries.rows * std::min(piece + 1, pieces.size()) / (pieces.size() + 1),
                       reported);
        }
        block.finish(out, first_query, threads_);
        report(queries.rows, reported);
    }

  private:
    std::vector<ScanWorkspace> make_workspaces() const {
        std::vector<ScanWorkspace> workspaces;
        for (int t = 0; t < threads_; ++t) workspaces.emplace_back(base_.cols, k_);
        return workspaces;
    }

    void scan_piece(QueryBlock& block, std::span<std::int32_t const> all, Pieces const& pieces,
                    std::int64_t piece) {
        RowRange const rows = share_of(base_.rows, pieces.row_parts, piece / pieces.query_parts);
        RowRange const part =
            share_of(std::ssize(all), pieces.query_parts, piece % pieces.query_parts);
        block.scan(base_.slice(rows.first, rows.last), {nullptr, first_position_ + rows.first},
                   all.subspan(static_cast<std::size_t>(part.first),
                               static_cast<std::size_t>(part.size())),
                   workspaces_[static_cast<std::size_t>(omp_get_thread_num())]);
    }

    void report(std::int64_t done, std::int64_t& reported) const {
        if (progress_ && done > reported) progress_(done - reported);
        reported = std::max(reported, done);
    }

    MatrixView base_;
    std::int64_t first_position_, k_;
    Metric metric_;
    std::function<void(std::int64_t)> const& progress_;
    int threads_;
    std::vector<ScanWorkspace> workspaces_;
    std::vector<float> centre_;
};

/// Search in blocks of queries that fit the workspace.
template <class Found>
void search_blocks(MatrixView base, std::int64_t first_position, MatrixView queries, std::int64_t k,
                   Metric metric, ExactSearchOptions const& options, Found& out) {
    check(k >= 1, "exact search: expected k of at least 1, got {}", k);
    check(base.cols == queries.cols, "exact search: expected queries of dimension {}, got {}",
          base.cols, queries.cols);
    if (queries.empty()) return;
    Search search(base, first_position, k, metric, options);
    std::int64_t const workspace_bytes = workspace_or_default(options.workspace_bytes);
    std::int64_t const fitting =
        workspace_bytes / QueryBlock::bytes_per_query(base.cols, search.k());
    std::int64_t const block_queries = std::clamp<std::int64_t>(fitting, 1, most_queries);
    std::int64_t const blocks = (queries.rows + block_queries - 1) / block_queries;
    for (std::int64_t b = 0; b < blocks; ++b) {
        RowRange const rows = share_of(queries.rows, blocks, b);
        search.run(queries.slice(rows.first, rows.last), out, rows.first);
    }
}

}  // namespace

Neighbors exact_search(MatrixView base, MatrixView queries, std::int64_t k, Metric metric,
                       ExactSearchOptions const& options) {
    Neighbors out(queries.rows, k);
    search_blocks(base, 0, queries, k, metric, options, out);
    return out;
}

void scan_all(QueryBlock& block, MatrixView base, std::int64_t first_position, int threads) {
    std::int64_t const pieces = (base.rows + rows_per_piece - 1) / rows_per_piece;
#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_max_threads())
    {
        ScanWorkspace workspace(base.cols, 1);
#pragma omp for schedule(dynamic, 1)
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            RowRange const some = share_of(base.rows, pieces, piece);
            block.scan(base.slice(some.first, some.last), {nullptr, first_position + some.first},
                       workspace);
        }
    }
}

RankedNeighbors exact_search_ranked(MatrixView base, std::int64_t first_position,
                                    MatrixView queries, std::int64_t k, Metric metric,
                                    ExactSearchOptions const& options) {
    RankedNeighbors out(queries.rows, k);
    search_blocks(base, first_position, queries, k, metric, options, out);
    return out;
}

}  // namespace partita::knn
