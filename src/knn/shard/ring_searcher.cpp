#include "knn/query_block.hpp"
#include "knn/shard/fetch_vectors.hpp"
#include "knn/shard/ring_pass.hpp"
#include "knn/shard/row_shard.hpp"
#include "knn/shard/sharded_searcher.hpp"
#include "knn/shard/shared_blocks.hpp"
#include "knn/workspace.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include <omp.h>

namespace partita::knn {

namespace {

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

    bool can_search_within() const override { return shard_->can_search_within(); }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override;

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        return fetch_vectors(comm_, positions, dim(),
                             [&](VectorVisitor const& visit) { shard_->for_each_vector(visit); });
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override { return shard_->efforts(k); }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const&) const override {
        return travelling_bytes(k) + shard_->bytes_per_query(k);
    }

    bool reads_in_order() const override {
        return comm_.all_reduce(shard_->reads_in_order() ? 1 : 0, Reduce::max) == 1;
    }
    std::int64_t share_bytes() const override { return shard_->share_bytes(); }
    std::int64_t private_bytes() const override { return shard_->private_bytes(); }

  private:
    Neighbors pass_around(MatrixView queries, std::int64_t k, SearchOptions const& options,
                          bool exactly) const {
        std::int64_t const workspace = workspace_or_default(options.workspace_bytes);
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

    /// What ranks found within, one rank's after the other's, of this rank's queries.
    NeighborRows merge_within(std::span<RankedNeighbor const> entries,
                              std::span<std::int64_t const> counts, std::int64_t queries) const;

    Communicator comm_;
    std::unique_ptr<RowShard> shard_;
};

/// Vectors travel around the ring; what lies within goes straight home.
std::optional<NeighborRows> RingSearcher::search_within(MatrixView queries, double radius,
                                                        std::int64_t most_entries,
                                                        SearchOptions const& options) const {
    RingPass pass(comm_, queries, 0);
    std::vector<RankedRows> answers(static_cast<std::size_t>(comm_.size()));
    std::int64_t left = most_entries;
    pass.visit_all([&](MatrixView guests, int home) {
        if (left < 0) return;
        auto found = shard_->search_within(guests, radius, left, options);
        left = found ? left - std::ssize(found->entries) : -1;
        if (found) answers[static_cast<std::size_t>(home)] = std::move(*found);
    });
    if (comm_.all_reduce(left < 0 ? 1 : 0, Reduce::max) == 1) return std::nullopt;
    RankedRows all;
    std::vector<std::int64_t> entries_to;
    collectively(comm_, "search", [&] {
        for (RankedRows& rows : answers) {
            all.counts.insert(all.counts.end(), rows.counts.begin(), rows.counts.end());
            all.entries.insert(all.entries.end(), rows.entries.begin(), rows.entries.end());
            entries_to.push_back(std::ssize(rows.entries));
            rows = {};
        }
    });
    auto const counts = all_to_all<std::int64_t>(comm_, all.counts, pass.sizes());
    std::int64_t const coming =
        std::accumulate(counts.items().begin(), counts.items().end(), std::int64_t{0});
    if (comm_.all_reduce(coming > most_entries ? 1 : 0, Reduce::max) == 1) return std::nullopt;
    auto const entries = all_to_all<RankedNeighbor>(comm_, all.entries, entries_to);
    return collectively(comm_, "search", [&] {
        return merge_within(entries.items(), counts.items(), queries.rows);
    });
}

NeighborRows RingSearcher::merge_within(std::span<RankedNeighbor const> entries,
                                        std::span<std::int64_t const> counts,
                                        std::int64_t queries) const {
    // Where the next of each rank's entries are.
    std::vector<RankedNeighbor const*> next;
    for (std::int64_t rank = 0; rank < comm_.size(); ++rank) {
        auto const of_rank = counts.begin() + rank * queries;
        next.push_back(entries.data());
        entries = entries.subspan(
            static_cast<std::size_t>(std::accumulate(of_rank, of_rank + queries, std::int64_t{0})));
    }
    NeighborRows rows;
    std::vector<RankedNeighbor> row;
    for (std::int64_t q = 0; q < queries; ++q) {
        row.clear();
        for (std::size_t rank = 0; rank < next.size(); ++rank) {
            std::int64_t const count =
                counts[rank * static_cast<std::size_t>(queries) + static_cast<std::size_t>(q)];
            row.insert(row.end(), next[rank], next[rank] + count);
            next[rank] += count;
        }
        std::sort(row.begin(), row.end());
        for (RankedNeighbor const& entry : row)
            rows.add(entry.position, reported_distance(info().metric, entry.distance));
        rows.end_query();
    }
    return rows;
}

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
