#include "knn/found_runs.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <span>

namespace partita::knn {

namespace {

RowRange part(RowRange round, int parts, int number) {
    RowRange share = share_of(round.size(), parts, number);
    return {share.first + round.first, share.last + round.first};
}

RowRange common(RowRange a, RowRange b) {
    RowRange const both{std::max(a.first, b.first), std::min(a.last, b.last)};
    return both.empty() ? RowRange{both.first, both.first} : both;
}

/// How many values this rank has for each rank.
std::vector<std::int64_t> counts_for(Communicator const& comm, std::vector<FoundRun> const& runs,
                                     RowRange round, std::int64_t k) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()), 0);
    for (int rank = 0; rank < comm.size(); ++rank)
        for (FoundRun const& run : runs)
            counts[static_cast<std::size_t>(rank)] +=
                common(run.queries, part(round, comm.size(), rank)).size() * k;
    return counts;
}

/// Send one of the matrices, and put what comes into its rows of `mine`.
template <class T>
void bring(Communicator const& comm, std::vector<FoundRun> const& runs,
           BasicMatrix<T> Neighbors::*values, std::vector<std::int64_t> const& counts,
           std::vector<RowRange> const& all_runs, RowRange wanted, BasicMatrix<T>& mine) {
    // Runs ascend, and so do the ranks' shares: one after another they are sorted by rank.
    std::vector<T> sent = collectively(comm, "search", [&] {
        std::vector<T> all;
        for (FoundRun const& run : runs) {
            BasicMatrix<T> const& rows = run.found.*values;
            all.insert(all.end(), rows.data(), rows.data() + rows.rows() * rows.cols());
        }
        return all;
    });
    Received<T> const received = all_to_all(comm, std::span<T const>(sent), counts);
    T const* next = received.items().data();
    for (RowRange const& run : all_runs) {
        RowRange const rows = common(run, wanted);
        std::int64_t const count = rows.size() * mine.cols();
        std::copy(next, next + count, mine.data() + (rows.first - wanted.first) * mine.cols());
        next += count;
    }
}

}  // namespace

RowRange part_of_round(Communicator const& comm, RowRange round) {
    return part(round, comm.size(), comm.rank());
}

Neighbors bring_to_writers(Communicator const& comm, std::vector<FoundRun> const& runs,
                           RowRange round, std::int64_t k) {
    std::vector<RowRange> ranges;
    for (FoundRun const& run : runs) ranges.push_back(run.queries);
    std::vector<RowRange> const all_runs =
        comm.all_gather_varying(std::span<RowRange const>(ranges));
    std::vector<std::int64_t> const counts = counts_for(comm, runs, round, k);
    RowRange const wanted = part_of_round(comm, round);
    Neighbors mine = collectively(comm, "search", [&] { return Neighbors(wanted.size(), k); });
    bring(comm, runs, &Neighbors::positions, counts, all_runs, wanted, mine.positions);
    bring(comm, runs, &Neighbors::distances, counts, all_runs, wanted, mine.distances);
    return mine;
}

}  // namespace partita::knn
