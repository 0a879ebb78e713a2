#include "knn/pair_search.hpp"

#include "knn/search_counts.hpp"
#include "knn/search_round.hpp"
#include "knn/self_join.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/comm/work_queue.hpp"
#include "partita/core/error.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

class PairSearch {
  public:
    PairSearch(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
               QuerySet const& queries, ResultWriter& writer, SearchJobOptions const& options)
        : comm_(comm),
          index_(index),
          queries_(queries),
          output_{comm_, ids, queries, writer},
          options_(options),
          asked_(options.asked()),
          join_(collectively(comm, "search",
                             [&] {
                                 return SelfJoin(index.table(), asked_, index.info().metric,
                                                 options.threads);
                             })),
          plan_(plan_rounds(costs(writer.bytes_per_neighbor()), options.memory_bytes)) {}

    bool can_score() const { return join_.can_score(); }

    SearchReport run() {
        obs::Stopwatch const watch;
        report_.queries = queries_.rows();
        score_pairs();
        output_.record(0, report_);  // which stops the job if it was asked to
        std::int64_t const round = comm_.all_reduce(plan_.queries, Reduce::min) * comm_.size();
        for (std::int64_t begin = 0; begin < queries_.rows(); begin += round) {
            RowRange const range{begin, std::min(begin + round, queries_.rows())};
            write_round(range);
            output_.record(range.last, report_);
        }
        add_up_counts(comm_, report_);
        report_.seconds = watch.seconds();
        return report_;
    }

  private:
    QueryCosts costs(std::int64_t bytes_per_neighbor) const {
        QueryCosts costs;
        costs.vectors = index_.dim() * 4 + queries_.id_width();
        // Every rank has found neighbours of every query: leaving here, coming there.
        costs.working =
            asked_ * 2 * comm_.size() * static_cast<std::int64_t>(sizeof(RankedNeighbor));
        costs.results = asked_ * (24 + bytes_per_neighbor);
        return costs;
    }

    void score_pairs() {
        WorkQueue queue(comm_);
        obs::Progress progress("search", "queries", queries_.rows(), queries_.rows());
        queue.start(0, join_.tasks());
        collectively(comm_, "search", [&] {
            std::int64_t const threads =
                options_.threads > 0 ? options_.threads : omp_get_max_threads();
            std::int64_t const least = least_tasks * threads, all = join_.tasks();
            std::int64_t const most = std::max(least, std::min(all / 32, most_tasks));
            std::int64_t shown = 0;
            while (!stop_requested()) {
                RowRange const run = queue.take(least, most);
                if (run.empty()) break;
                join_.run(run, [&] {
                    // Rank 0 answers the others while it works; only its main thread calls MPI.
                    if (omp_get_thread_num() == 0) queue.serve();
                });
                std::int64_t const now = queries_.rows() * run.last / all;
                progress.add(now - shown);
                shown = now;
            }
        });
        queue.finish();
    }

    /// Bring together what all ranks found for some rows, and write it.
    void write_round(RowRange range) {
        RowRange const mine = part_of_round(comm_, range);
        std::vector<std::int64_t> counts;
        for (int rank = 0; rank < comm_.size(); ++rank)
            counts.push_back(share_of(range.size(), comm_.size(), rank).size() * asked_);
        Received<RankedNeighbor> received;
        {
            RankedNeighbors const found = collectively(comm_, "search", [&] {
                RankedNeighbors rows(range.size(), asked_);
                join_.finish(range, rows);
                return rows;
            });
            auto const size = static_cast<std::size_t>(range.size() * asked_);
            received =
                all_to_all(comm_, std::span<RankedNeighbor const>(found.data(), size), counts);
        }
        SearchRound round(mine, queries_);
        Neighbors found = collectively(comm_, "search", [&] {
            Neighbors merged = merge(received.items(), mine.size());
            round.read();
            round.look_at(merged, index_.info(), options_, report_);
            return merged;
        });
        output_.write(mine, found, report_);
    }

    /// Of the lists that ranks have for the same rows, one rank's after the other's.
    Neighbors merge(std::span<RankedNeighbor const> lists, std::int64_t rows) const {
        auto const width = static_cast<std::size_t>(asked_);
        std::vector<RankedNeighbor> nearest(width), scratch(width);
        Neighbors found(rows, asked_);
        for (std::int64_t row = 0; row < rows; ++row) {
            std::fill(nearest.begin(), nearest.end(), no_neighbor);
            for (std::int64_t rank = 0; rank < comm_.size(); ++rank)
                merge_nearest(
                    nearest,
                    lists.subspan(static_cast<std::size_t>(rank * rows + row) * width, width),
                    scratch);
            report_neighbors(nearest, index_.info().metric, found, row);
        }
        return found;
    }

    /// That a thread has before ranks wait for it.
    static constexpr std::int64_t least_tasks = 4;
    /// Before a signal to stop is noticed.
    static constexpr std::int64_t most_tasks = 1024;

    Communicator comm_;
    BatchSearcher const& index_;
    QuerySet const& queries_;
    SearchOutput output_;
    SearchJobOptions const& options_;
    std::int64_t asked_;
    SelfJoin join_;
    RoundPlan plan_;
    SearchReport report_;
};

}  // namespace

bool can_score_pairs_once(BatchSearcher const& index, QuerySet const& queries) {
    return queries.are_the_base() && queries.rows() == index.rows() && !index.table().empty();
}

std::optional<SearchReport> search_pairs(Communicator const& comm, BatchSearcher const& index,
                                         IdTable const& ids, QuerySet const& queries,
                                         ResultWriter& writer, SearchJobOptions const& options) {
    collectively(comm, "search", [&] {
        check(can_score_pairs_once(index, queries),
              "each pair once: expected all vectors of a flat index among themselves");
    });
    if (writer.done() > 0) return std::nullopt;
    PairSearch search(comm, index, ids, queries, writer, options);
    if (!search.can_score()) return std::nullopt;
    return search.run();
}

}  // namespace partita::knn
