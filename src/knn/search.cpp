#include "partita/knn/search.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/row_range.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace partita::knn {

namespace {

SearchOptions search_options(SearchJobOptions const& options) {
    SearchOptions search;
    search.effort = options.effort;
    search.threads = options.threads;
    return search;
}

/// What a rank's memory is divided into.
struct RoundPlan {
    std::int64_t queries;          ///< Of a rank, in a round.
    std::int64_t workspace_bytes;  ///< For the index's own use.
};

/// All that grows with the queries of a round takes the rank's memory: their vectors, the working
/// memory of the search, and results in memory and on their way to the file.
RoundPlan plan_rounds(Index const& index, QuerySet const& queries, ResultWriter const& writer,
                      SearchJobOptions const& options) {
    std::int64_t const k = options.k + 1;
    std::int64_t const working = index.workspace_per_query(k, search_options(options));
    std::int64_t const per_query =
        index.dim() * 4 + queries.id_width() + working + k * (24 + writer.bytes_per_neighbor());
    std::int64_t const fitting =
        std::clamp<std::int64_t>(options.memory_bytes / per_query, 64, 1 << 20);
    return {fitting, std::max<std::int64_t>(fitting * working, options.memory_bytes / 8)};
}

/// Counts what a graph's queries say about the index: does each find itself?
class SelfCheck {
  public:
    SelfCheck(Index const& index, SearchReport& report) : index_(index), report_(report) {}

    void look_at(MatrixView vectors, std::int64_t q, std::int64_t self, Neighbors const& found) {
        // Under the inner product a longer vector may be nearer than the vector itself.
        if (self < 0 || index_.info().metric == Metric::inner_product) return;
        if (index_.info().metric == Metric::cosine && is_zero(vectors.row(q))) return;
        ++report_.self_possible;
        bool self_seen = found.positions.row(q)[0] == self, duplicate = false;
        for (std::int64_t j = 0; j < found.k() && found.distances.row(q)[j] == 0; ++j)
            (found.positions.row(q)[j] == self ? self_seen : duplicate) = true;
        // With more duplicates than k, the query's own position may be cut off.
        report_.self_found += self_seen || duplicate;
        report_.duplicates += duplicate;
    }

  private:
    static bool is_zero(std::span<float const> vector) {
        return std::all_of(vector.begin(), vector.end(), [](float x) { return x == 0; });
    }

    Index const& index_;
    SearchReport& report_;
};

/// Drop `self` from a list of k + 1, or else the last entry.
void drop_self(Neighbors const& from, std::int64_t q, std::int64_t self, Neighbors& to) {
    std::int64_t const k = to.k();
    std::int64_t at = 0;
    for (std::int64_t j = 0; j <= k && at < k; ++j) {
        if (from.positions.row(q)[j] == self) continue;
        to.positions.row(q)[at] = from.positions.row(q)[j];
        to.distances.row(q)[at++] = from.distances.row(q)[j];
    }
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

class SearchJob {
  public:
    SearchJob(Index const& index, IdTable const& ids, QuerySet const& queries,
              SearchJobOptions const& options, std::int64_t workspace_bytes, SearchReport& report)
        : index_(index),
          ids_(ids),
          queries_(queries),
          options_(options),
          workspace_bytes_(workspace_bytes),
          report_(report) {}

    /// Rank-local: the neighbours of queries [first, last).
    Neighbors search(RowRange range, io::IdBlock& query_ids, obs::Progress& progress) {
        Matrix const vectors = queries_.read(range.first, range.last);
        query_ids = queries_.ids(range.first, range.last);
        SearchOptions search = search_options(options_);
        search.workspace_bytes = workspace_bytes_;
        search.progress = [&](std::int64_t n) { progress.add(n); };
        std::int64_t const asked = options_.k + (options_.exclude_self ? 1 : 0);
        Neighbors found = index_.search(vectors.view(), asked, search);
        SelfCheck self_check(index_, report_);
        for (std::int64_t q = 0; q < range.size(); ++q)
            self_check.look_at(vectors.view(), q, queries_.position(range.first + q), found);
        if (options_.exclude_self) found = without_self(found, range.first);
        for (std::int64_t q = 0; q < range.size() && report_.sample.size() < 5; ++q)
            report_.sample.push_back(describe_row(query_ids, ids_, found, q));
        return found;
    }

  private:
    Neighbors without_self(Neighbors const& found, std::int64_t first) const {
        Neighbors others(found.queries(), options_.k);
        for (std::int64_t q = 0; q < found.queries(); ++q)
            drop_self(found, q, queries_.position(first + q), others);
        return others;
    }

    Index const& index_;
    IdTable const& ids_;
    QuerySet const& queries_;
    SearchJobOptions const& options_;
    std::int64_t workspace_bytes_;
    SearchReport& report_;
};

}  // namespace

SearchReport search_all(Communicator const& comm, Index const& index, IdTable const& ids,
                        QuerySet const& queries, ResultWriter& writer,
                        SearchJobOptions const& options) {
    obs::Stopwatch watch;
    SearchReport report;
    report.queries = queries.rows();
    RoundPlan const plan = plan_rounds(index, queries, writer, options);
    SearchJob job(index, ids, queries, options, plan.workspace_bytes, report);
    // All ranks must plan the same rounds.
    std::int64_t const round = comm.all_reduce(plan.queries, Reduce::min) * comm.size();
    std::int64_t const my_share = share_of(queries.rows(), comm.size(), comm.rank()).size();
    obs::Progress progress("search", "queries", my_share, queries.rows());
    for (std::int64_t begin = 0; begin < queries.rows(); begin += round) {
        std::int64_t const size = std::min(round, queries.rows() - begin);
        RowRange mine = share_of(size, comm.size(), comm.rank());
        mine.first += begin;
        mine.last += begin;
        io::IdBlock query_ids;
        Neighbors const found =
            collectively(comm, "search", [&] { return job.search(mine, query_ids, progress); });
        writer.write(mine.first, query_ids, found);
    }
    report.self_possible = comm.all_reduce(report.self_possible, Reduce::sum);
    report.self_found = comm.all_reduce(report.self_found, Reduce::sum);
    report.duplicates = comm.all_reduce(report.duplicates, Reduce::sum);
    report.seconds = watch.seconds();
    return report;
}

}  // namespace partita::knn
