#include "partita/knn/search.hpp"

#include "knn/search_counts.hpp"
#include "knn/self_queries.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/row_range.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

SearchOptions search_options(SearchJobOptions const& options) {
    SearchOptions search;
    search.effort = options.effort;
    search.threads = options.threads;
    return search;
}

SampleRow describe_row(io::IdBlock const& query_ids, IdTable const& ids, Neighbors const& found,
                       std::int64_t q) {
    SampleRow row;
    row.item = query_ids.to_string(q);
    for (std::int64_t j = 0; j < found.k() && found.positions.row(q)[j] >= 0; ++j) {
        row.neighbors.push_back(ids.to_string(found.positions.row(q)[j]));
        row.distances.push_back(found.distances.row(q)[j]);
    }
    return row;
}

/// The steps of a round. All but the search itself are rank-local.
class SearchRound {
  public:
    SearchRound(RowRange range, QuerySet const& queries) : range_(range), queries_(queries) {}

    void read() {
        vectors_ = queries_.read(range_.first, range_.last);
        ids_ = queries_.ids(range_.first, range_.last);
    }

    /// What is asked for becomes what is written; counts and samples go to the report.
    void look_at(Neighbors& found, IndexInfo const& info, IdTable const& ids,
                 SearchJobOptions const& options, SearchReport& report) const {
        for (std::int64_t q = 0; q < range_.size(); ++q)
            count_self(info.metric, {vectors_.row(q), static_cast<std::size_t>(vectors_.cols())},
                       self_of(q), found, q, report);
        if (options.exclude_self) {
            Neighbors others(found.queries(), options.k);
            for (std::int64_t q = 0; q < found.queries(); ++q)
                drop_self(found, q, self_of(q), others);
            found = std::move(others);
        }
        for (std::int64_t q = 0; q < range_.size() && report.sample.size() < 5; ++q)
            report.sample.push_back(describe_row(ids_, ids, found, q));
    }

    RowRange range() const { return range_; }
    MatrixView vectors() const { return vectors_.view(); }
    io::IdBlock const& ids() const { return ids_; }

  private:
    std::int64_t self_of(std::int64_t q) const { return queries_.position(range_.first + q); }

    RowRange range_;
    QuerySet const& queries_;
    Matrix vectors_;
    io::IdBlock ids_;
};

/// This rank's part of the round that begins with query `begin`.
RowRange part_of_round(Communicator const& comm, std::int64_t begin, std::int64_t round,
                       std::int64_t rows) {
    RowRange mine = share_of(std::min(round, rows - begin), comm.size(), comm.rank());
    return {mine.first + begin, mine.last + begin};
}

/// What is finished, with this far's counts.
void record(Communicator const& comm, std::int64_t done, SearchReport const& report,
            ResultWriter& writer) {
    if (!writer.is_due()) return;
    SearchReport so_far = report;
    add_up_counts(comm, so_far);
    keep_counts(so_far, writer.partial());
    writer.record(done);
}

}  // namespace

RoundPlan plan_search(BatchSearcher const& index, QuerySet const& queries,
                      ResultWriter const& writer, SearchJobOptions const& options) {
    std::int64_t const k = options.k + 1;
    QueryCosts costs;
    costs.vectors = index.dim() * 4 + queries.id_width();
    costs.working = index.workspace_per_query(k, search_options(options));
    costs.results = k * (24 + writer.bytes_per_neighbor());
    return plan_rounds(costs, options.memory_bytes);
}

SearchReport search_all(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                        QuerySet const& queries, ResultWriter& writer,
                        SearchJobOptions const& options) {
    obs::Stopwatch watch;
    SearchReport report;
    report.queries = queries.rows();
    RoundPlan const plan = plan_search(index, queries, writer, options);
    // All ranks must plan the same rounds.
    std::int64_t const round_queries = comm.all_reduce(plan.queries, Reduce::min) * comm.size();
    std::int64_t const left = queries.rows() - writer.done();
    obs::Progress progress("search", "queries", share_of(left, comm.size(), comm.rank()).size(),
                           left);
    SearchOptions search = search_options(options);
    search.workspace_bytes = plan.workspace_bytes;
    search.progress = [&](std::int64_t n) { progress.add(n); };
    std::int64_t const asked = options.k + (options.exclude_self ? 1 : 0);
    if (comm.is_root()) restore_counts(writer.partial(), report);
    report.done_before = writer.done();
    for (std::int64_t begin = writer.done(); begin < queries.rows(); begin += round_queries) {
        SearchRound round(part_of_round(comm, begin, round_queries, queries.rows()), queries);
        collectively(comm, "search", [&] { round.read(); });
        Neighbors found = index.search(round.vectors(), asked, search);
        collectively(comm, "search",
                     [&] { round.look_at(found, index.info(), ids, options, report); });
        writer.write(round.range().first, round.ids(), found);
        record(comm, std::min(begin + round_queries, queries.rows()), report, writer);
    }
    add_up_counts(comm, report);
    report.seconds = watch.seconds();
    return report;
}

}  // namespace partita::knn
