#include "knn/refine/refined_search.hpp"

#include "knn/refine/list_refiner.hpp"
#include "knn/refine/neighbor_lists.hpp"
#include "knn/search_counts.hpp"
#include "knn/search_round.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/comm/work_queue.hpp"
#include "partita/core/error.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {
namespace {

/// Lists as long as refinement needs to find its way.
constexpr std::int64_t least_neighbors = 11;

std::int64_t list_length(SearchJobOptions const& options) {
    return std::max(options.asked(), least_neighbors);
}

RoundPlan plan_of(BatchSearcher const& index, QuerySet const& queries, ResultWriter const& writer,
                  SearchJobOptions options) {
    options.k = list_length(options);
    return plan_search(index, queries, writer.bytes_per_neighbor(), options);
}

class RefinedSearch {
  public:
    RefinedSearch(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                  QuerySet const& queries, ResultWriter& writer, SearchJobOptions const& options)
        : comm_(comm),
          index_(index),
          queries_(queries),
          writer_(writer),
          output_{comm_, ids, queries, writer},
          options_(options),
          asked_(options.asked()),
          threads_(options.threads > 0 ? options.threads : omp_get_max_threads()),
          plan_(plan_of(index, queries, writer, options)),
          topology_(comm),
          lists_(topology_, queries.rows(), list_length(options)),
          queue_(comm) {
        report_.queries = queries.rows();
        report_.done_before = writer.done();
        if (comm.is_root()) restore_counts(writer.partial(), report_);
    }

    SearchReport run() {
        obs::Stopwatch const watch;
        search();
        if (queries_.rows() > 0) refine();
        write();
        add_up_counts(comm_, report_);
        report_.seconds = watch.seconds();
        return report_;
    }

  private:
    /// Units [0, units) by runs, whoever is free next; then the lists are everybody's.
    template <class DoRun>
    void share_out(char const* what, std::int64_t units, std::int64_t least, std::int64_t most,
                   obs::Progress& progress, DoRun const& do_run) {
        queue_.start(0, units);
        collectively(comm_, what, [&] {
            for (std::int64_t at = 0; !stop_requested();) {
                RowRange const run = queue_.take(least, most);
                if (run.empty()) break;
                do_run(run);
                progress.add(run.last - at);
                at = run.last;
            }
        });
        queue_.finish();
        stop_if_asked();
        lists_.share();
    }

    /// Nothing can be kept before all is refined.
    void stop_if_asked() { output_.record(writer_.done(), report_); }

    void search() {
        std::int64_t const rows = queries_.rows();
        std::int64_t const most = comm_.all_reduce(plan_.queries, Reduce::min);
        std::int64_t const least =
            std::clamp<std::int64_t>(rows / (4 * comm_.size()), std::min(most, least_run), most);
        obs::Progress progress("search", "queries", rows, rows);
        share_out("search", rows, least, most, progress, [&](RowRange run) { search_run(run); });
    }

    void search_run(RowRange run) {
        SearchOptions search;
        search.effort = options_.effort;
        search.threads = options_.threads;
        search.workspace_bytes = plan_.workspace_bytes;
        search.progress = [&](std::int64_t) { serve(); };
        Matrix const vectors = queries_.read(run.first, run.last);
        Index const* const copy = index_.own_copy();
        Neighbors const found = copy ? copy->search(vectors.view(), lists_.k(), search)
                                     : index_.search(vectors.view(), lists_.k(), search);
        for (std::int64_t q = 0; q < run.size(); ++q) {
            std::int64_t const row = run.first + q;
            for (std::int64_t j = 0; j < lists_.k(); ++j) {
                std::int64_t const position = found.positions.row(q)[j];
                auto const at = static_cast<std::size_t>(j);
                lists_.positions(row)[at] =
                    position < 0 ? NeighborLists::none : static_cast<std::uint32_t>(position);
                lists_.distances(row)[at] = found.distances.row(q)[j];
            }
            lists_.mark(row);
        }
    }

    void refine() {
        VectorPlaces const places =
            collectively(comm_, "refinement", [&] { return index_.vector_places(); });
        std::int64_t const rows = queries_.rows();
        obs::Progress progress("refinement", "vectors", rows * options_.refinements,
                               rows * options_.refinements);
        for (int round = 0; round < options_.refinements; ++round) {
            obs::Stopwatch const watch;
            lists_.link(threads_, options_.memory_bytes);
            share_out("refinement", rows, least_run, most_run, progress,
                      [&](RowRange run) { refine_run(run, places, round == 0); });
            obs::emit("knn.refine", {{"round", round + 1}, {"seconds", watch.seconds()}});
        }
    }

    /// In the order in which near vectors follow each other.
    void refine_run(RowRange run, VectorPlaces const& places, bool searched) {
        constexpr std::int64_t step = 256;
#pragma omp parallel num_threads(threads_)
        {
            ListRefiner refiner(lists_, places, index_.info().metric, index_.dim());
#pragma omp for schedule(dynamic, 1)
            for (std::int64_t first = run.first; first < run.last; first += step) {
                std::int64_t const last = std::min(first + step, run.last);
                refiner.refine(places.order.span().subspan(static_cast<std::size_t>(first),
                                                           static_cast<std::size_t>(last - first)),
                               searched);
                serve();
            }
        }
    }

    void write() {
        std::int64_t const round = comm_.all_reduce(plan_.queries, Reduce::min) * comm_.size();
        for (std::int64_t begin = writer_.done(); begin < queries_.rows(); begin += round) {
            RowRange const range{begin, std::min(begin + round, queries_.rows())};
            RowRange const mine = part_of_round(comm_, range);
            SearchRound part(mine, queries_);
            Neighbors const found = collectively(comm_, "search", [&] {
                Neighbors kept = lists_of(mine);
                part.read();
                part.look_at(kept, index_.info(), options_, report_);
                return kept;
            });
            output_.write(mine, found, report_);
            output_.record(range.last, report_);
        }
    }

    Neighbors lists_of(RowRange rows) {
        Neighbors kept(rows.size(), asked_);
        for (std::int64_t q = 0; q < rows.size(); ++q)
            for (std::int64_t j = 0; j < asked_; ++j) {
                auto const at = static_cast<std::size_t>(j);
                std::uint32_t const position = lists_.positions(rows.first + q)[at];
                kept.positions.row(q)[j] = position == NeighborLists::none ? -1 : position;
                kept.distances.row(q)[j] = lists_.distances(rows.first + q)[at];
            }
        return kept;
    }

    /// Rank 0 answers the others while it works; its main thread may call MPI, no other.
    void serve() const {
        if (omp_get_thread_num() == 0) queue_.serve();
    }

    static constexpr std::int64_t least_run = 4096;
    /// Before a signal to stop is noticed.
    static constexpr std::int64_t most_run = std::int64_t{1} << 20;

    Communicator comm_;
    BatchSearcher const& index_;
    QuerySet const& queries_;
    ResultWriter& writer_;
    SearchOutput output_;
    SearchJobOptions const& options_;
    std::int64_t asked_;
    int threads_;
    RoundPlan plan_;
    Topology topology_;
    NeighborLists lists_;
    WorkQueue queue_;
    SearchReport report_;
};

}  // namespace

bool can_refine(BatchSearcher const& index, QuerySet const& queries) {
    return queries.are_the_base() && queries.rows() == index.rows() && index.has_places() &&
           NeighborLists::can_hold(queries.rows());
}

std::int64_t predict_refine_bytes(std::int64_t rows, std::int64_t k, int ranks_on_node) {
    return NeighborLists::bytes(rows, std::max(k, least_neighbors)) / ranks_on_node +
           VectorPlaces::bytes(rows);
}

SearchReport search_refined(Communicator const& comm, BatchSearcher const& index,
                            IdTable const& ids, QuerySet const& queries, ResultWriter& writer,
                            SearchJobOptions const& options) {
    collectively(comm, "search", [&] {
        check(can_refine(index, queries),
              "refinement: expected all vectors of an ivf index in memory among themselves");
    });
    return RefinedSearch(comm, index, ids, queries, writer, options).run();
}

}  // namespace partita::knn
