#include "partita/knn/search.hpp"

#include "knn/pair_search.hpp"
#include "knn/refine/refined_search.hpp"
#include "knn/search_counts.hpp"
#include "knn/search_round.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/comm/work_queue.hpp"
#include "partita/core/row_range.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

SearchOptions search_options(SearchJobOptions const& options) {
    SearchOptions search;
    search.effort = options.effort;
    search.threads = options.threads;
    return search;
}

/// A search of all queries, round by round.
class SearchJob {
  public:
    SearchJob(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
              QuerySet const& queries, ResultWriter& writer, SearchJobOptions const& options)
        : comm_(comm),
          index_(index),
          queries_(queries),
          writer_(writer),
          output_{comm_, ids, queries, writer},
          options_(options),
          plan_(plan_search(index, queries, writer.bytes_per_neighbor(), options)),
          asked_(options.asked()),
          began_(writer.done()),
          left_(queries.rows() - writer.done()),
          progress_("search", "queries", own_progress(), left_),
          queue_(comm),
          free_(index.own_copy() != nullptr) {
        report_.queries = queries.rows();
        report_.done_before = writer.done();
        if (comm.is_root()) restore_counts(writer.partial(), report_);
    }

    SearchReport run() {
        obs::Stopwatch const watch;
        // All ranks must plan the same rounds.
        std::int64_t const round = comm_.all_reduce(plan_.queries, Reduce::min) * comm_.size();
        bool const meets_often = comm_.broadcast(writer_.partial().is_always_due());
        for (std::int64_t begin = writer_.done(); begin < queries_.rows();) {
            RowRange const range{begin, std::min(begin + round, queries_.rows())};
            begin = free_ ? search_freely(meets_often ? range : all_from(begin))
                          : search_together(range);
            output_.record(begin, report_);
        }
        add_up_counts(comm_, report_);
        report_.seconds = watch.seconds();
        return report_;
    }

  private:
    RowRange all_from(std::int64_t begin) const { return {begin, queries_.rows()}; }

    /// What counts as this rank's part of the work: all, where its place in the queue is shown.
    std::int64_t own_progress() const {
        return index_.own_copy() ? left_ : share_of(left_, comm_.size(), comm_.rank()).size();
    }

    SearchOptions own_options() const {
        SearchOptions search = search_options(options_);
        search.workspace_bytes = plan_.workspace_bytes;
        return search;
    }

    /// All ranks at the same time, each with its share of the round.
    std::int64_t search_together(RowRange range) {
        SearchRound round(part_of_round(comm_, range), queries_);
        collectively(comm_, "search", [&] { round.read(); });
        SearchOptions search = own_options();
        search.progress = [&](std::int64_t n) { progress_.add(n); };
        Neighbors found = index_.search(round.vectors(), asked_, search);
        collectively(comm_, "search",
                     [&] { round.look_at(found, index_.info(), options_, report_); });
        output_.write(round.range(), found, report_);
        return range.last;
    }

    /// Each rank takes runs of queries as it gets done, and writes what it finds: ranks meet only
    /// when it is time for a record.
    std::int64_t search_freely(RowRange range) {
        // Root shows the first queries of the job, and so searches them.
        std::int64_t const shown =
            range.first == began_ ? std::min(range.size(), SearchOutput::samples) : 0;
        RowRange const first{range.first, range.first + shown};
        queue_.start(first.last, range.last);
        collectively(comm_, "search", [&] {
            if (comm_.is_root() && !first.empty()) search_and_write_own(first);
            take_runs(range.first);
        });
        std::int64_t const done = queue_.finish();
        writer_.settle();
        return done;
    }

    void search_and_write_own(RowRange run) { output_.write_own(run, search_run(run), report_); }

    /// Take runs of queries while there are any, and time is left in the round.
    void take_runs(std::int64_t at) {
        obs::Stopwatch const watch;
        while (watch.seconds() < most_seconds && !stop_requested()) {
            RowRange const run = queue_.take(least_run(), plan_.queries);
            if (run.empty()) break;
            search_and_write_own(run);
            progress_.add(run.last - at);
            at = run.last;
        }
    }

    Neighbors search_run(RowRange run) {
        SearchOptions search = own_options();
        // Rank 0 answers the others while it works; its main thread may call MPI, no other.
        search.progress = [&](std::int64_t) {
            if (omp_get_thread_num() == 0) queue_.serve();
        };
        SearchRound round(run, queries_);
        round.read();
        Neighbors found = index_.own_copy()->search(round.vectors(), asked_, search);
        round.look_at(found, index_.info(), options_, report_);
        return found;
    }

    /// So many that an index which packs or reads its lists anew for each run does so for many
    /// queries, but not so many that ranks would wait long for the last run of a slow one. Runs
    /// before the last ones are larger: see WorkQueue::take.
    std::int64_t least_run() const {
        constexpr std::int64_t least = 256;
        std::int64_t const wanted =
            index_.own_copy()->queries_together(search_options(options_)) / 4;
        std::int64_t const fair = comm_.size() == 1
                                      ? plan_.queries
                                      : std::min(plan_.queries / 2, left_ / (4 * comm_.size()));
        std::int64_t const floor = std::min(least, plan_.queries);
        return std::clamp(wanted, floor, std::max(fair, floor));
    }

    /// Of a round: how much a kill costs, about.
    static constexpr double most_seconds = 10;

    Communicator comm_;
    BatchSearcher const& index_;
    QuerySet const& queries_;
    ResultWriter& writer_;
    SearchOutput output_;
    SearchJobOptions const& options_;
    RoundPlan plan_;
    std::int64_t asked_, began_, left_;
    SearchReport report_;
    obs::Progress progress_;
    WorkQueue queue_;
    bool free_;  ///< Does each rank search by itself?
};

}  // namespace

RoundPlan plan_search(BatchSearcher const& index, QuerySet const& queries,
                      std::int64_t bytes_per_neighbor, SearchJobOptions const& options) {
    std::int64_t const k = options.k + 1;
    QueryCosts costs;
    costs.vectors = index.dim() * 4 + queries.id_width();
    costs.working = index.workspace_per_query(k, search_options(options));
    costs.results = k * (24 + bytes_per_neighbor);
    return plan_rounds(costs, options.memory_bytes);
}

SearchReport search_all(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                        QuerySet const& queries, ResultWriter& writer,
                        SearchJobOptions const& options) {
    if (options.each_pair_once)
        if (auto report = search_pairs(comm, index, ids, queries, writer, options)) return *report;
    if (options.refinements > 0) return search_refined(comm, index, ids, queries, writer, options);
    return SearchJob(comm, index, ids, queries, writer, options).run();
}

}  // namespace partita::knn
