#include "knn/query_block.hpp"
#include "knn/shard/fetch_vectors.hpp"
#include "knn/shard/ring_pass.hpp"
#include "knn/shard/row_shard.hpp"
#include "knn/shard/sharded_searcher.hpp"
#include "knn/shard/shared_blocks.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr std::int64_t default_workspace_bytes = std::int64_t{64} << 20;
constexpr std::int64_t pair_bytes = sizeof(RankedNeighbor);

/// Turns queries scanned, of all ranks, into as large a share of this rank's own.
class OwnProgress {
  public:
    OwnProgress(SearchOptions const& options, std::int64_t own, std::int64_t all)
        : options_(options), own_(own), all_(std::max<std::int64_t>(all, 1)) {}

    void scanned(std::int64_t n) {
        scanned_ += n;
        std::int64_t const done = own_ * scanned_ / all_;
        if (options_.progress && done > reported_) options_.progress(done - reported_);
        reported_ = std::max(reported_, done);
    }

  private:
    SearchOptions const& options_;
    std::int64_t own_, all_, scanned_ = 0, reported_ = 0;
};

/// Queries travel around the ring of ranks, past what each of them holds.
class RingSearcher : public BatchSearcher {
  public:
    RingSearcher(Communicator const& comm, std::unique_ptr<RowShard> shard)
        : comm_(comm), shard_(std::move(shard)) {}

    IndexInfo const& info() const override { return shard_->info(); }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        return pass_around(queries, k, options, false);
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return pass_around(queries, k, options, true);
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return fetch_vectors(comm_, positions, dim(),
                             [&](VectorVisitor const& visit) { shard_->for_each_vector(visit); });
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override { return shard_->efforts(k); }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const&) const override {
        return travelling_bytes(k) + shard_->bytes_per_query(k);
    }

    std::int64_t share_bytes() const override { return shard_->share_bytes(); }
    std::int64_t private_bytes() const override { return shard_->private_bytes(); }

  private:
    Neighbors pass_around(MatrixView queries, std::int64_t k, SearchOptions const& options,
                          bool exactly) const {
        std::int64_t const workspace =
            options.workspace_bytes > 0 ? options.workspace_bytes : default_workspace_bytes;
        std::int64_t const fitting = workspace / 2 / travelling_bytes(k);
        SharedBlocks const blocks(comm_, queries.rows,
                                  std::clamp<std::int64_t>(fitting, 16, 1 << 16));
        Neighbors found = collectively(comm_, "search", [&] { return Neighbors(queries.rows, k); });
        for (std::int64_t b = 0; b < blocks.count(); ++b) {
            RowRange const range = blocks.range(b);
            RingPass pass(comm_, queries.slice(range.first, range.last), k);
            OwnProgress progress(options, range.size(), pass.all_rows());
            RankedNeighbors const nearest = pass.run([&](MatrixView guests, auto const& advance) {
                SearchOptions here = options;
                here.workspace_bytes = workspace / 2;
                here.progress = [&](std::int64_t n) {
                    if (omp_get_thread_num() == 0) advance();  // MPI is the main thread's
                    progress.scanned(n);
                };
                return exactly ? shard_->search_exactly(guests, k, here)
                               : shard_->search(guests, k, here);
            });
            collectively(comm_, "search", [&] { keep(nearest, range, found); });
        }
        return found;
    }

    /// Vectors twice, what was found three times: carried, arriving, and of the scan.
    std::int64_t travelling_bytes(std::int64_t k) const {
        return 2 * dim() * static_cast<std::int64_t>(sizeof(float)) + 3 * k * pair_bytes;
    }

    void keep(RankedNeighbors const& nearest, RowRange range, Neighbors& found) const {
        for (std::int64_t q = range.first; q < range.last; ++q)
            report_neighbors({nearest.row(q - range.first), static_cast<std::size_t>(found.k())},
                             info().metric, found, q);
    }

    Communicator comm_;
    std::unique_ptr<RowShard> shard_;
};

}  // namespace

std::unique_ptr<BatchSearcher> sharded_flat_searcher(Communicator const& comm,
                                                     Topology const& topology,
                                                     std::string const& path, IndexInfo const& info,
                                                     std::int64_t memory_bytes) {
    return std::make_unique<RingSearcher>(comm,
                                          flat_shard(comm, topology, path, info, memory_bytes));
}

std::unique_ptr<BatchSearcher> sharded_hnsw_searcher(Communicator const& comm,
                                                     Topology const& topology,
                                                     std::string const& path, IndexInfo const& info,
                                                     std::int64_t memory_bytes) {
    return std::make_unique<RingSearcher>(comm,
                                          graph_shard(comm, topology, path, info, memory_bytes));
}

}  // namespace partita::knn
