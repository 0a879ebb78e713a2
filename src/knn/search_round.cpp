#include "knn/search_round.hpp"

#include "knn/search_counts.hpp"
#include "knn/self_queries.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::knn {

namespace {

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

}  // namespace

RowRange part_of_round(Communicator const& comm, RowRange round) {
    RowRange const share = share_of(round.size(), comm.size(), comm.rank());
    return {share.first + round.first, share.last + round.first};
}

void SearchRound::look_at(Neighbors& found, IndexInfo const& info, SearchJobOptions const& options,
                          SearchReport& report) const {
    for (std::int64_t q = 0; q < range_.size(); ++q)
        count_self(info.metric, {vectors_.row(q), static_cast<std::size_t>(vectors_.cols())},
                   self_of(q), found, q, report);
    if (!options.exclude_self) return;
    Neighbors others(found.queries(), options.k);
    for (std::int64_t q = 0; q < found.queries(); ++q) drop_self(found, q, self_of(q), others);
    found = std::move(others);
}

io::IdBlock SearchOutput::read_ids(RowRange range, Neighbors const& found,
                                   SearchReport& report) const {
    io::IdBlock block = queries_.ids(range.first, range.last);
    for (std::int64_t q = 0; q < found.queries() && std::ssize(report.sample) < samples; ++q)
        report.sample.push_back(describe_row(block, ids_, found, q));
    return block;
}

void SearchOutput::write(RowRange range, Neighbors const& found, SearchReport& report) const {
    io::IdBlock const ids =
        collectively(comm_, "search", [&] { return read_ids(range, found, report); });
    writer_.write(range.first, ids, found);
}

void SearchOutput::write_own(RowRange range, Neighbors const& found, SearchReport& report) const {
    writer_.write_own(range.first, read_ids(range, found, report), found);
}

void SearchOutput::record(std::int64_t done, SearchReport const& report) const {
    if (!writer_.is_due()) return;
    SearchReport so_far = report;
    add_up_counts(comm_, so_far);
    keep_counts(so_far, writer_.partial());
    writer_.record(done);
}

}  // namespace partita::knn
