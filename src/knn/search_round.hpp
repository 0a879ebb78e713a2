#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/id_column.hpp"
#include "partita/knn/search.hpp"

namespace partita::knn {

/// This rank's share of a run of queries.
RowRange part_of_round(Communicator const& comm, RowRange round);

/// The steps of the search for a run of queries, but for the search itself. Rank-local.
class SearchRound {
  public:
    SearchRound(RowRange range, QuerySet const& queries) : range_(range), queries_(queries) {}

    void read() { vectors_ = queries_.read(range_.first, range_.last); }

    /// What is asked for becomes what is written; counts go to the report.
    void look_at(Neighbors& found, IndexInfo const& info, SearchJobOptions const& options,
                 SearchReport& report) const;

    RowRange range() const { return range_; }
    MatrixView vectors() const { return vectors_.view(); }

  private:
    std::int64_t self_of(std::int64_t q) const { return queries_.position(range_.first + q); }

    RowRange range_;
    QuerySet const& queries_;
    Matrix vectors_;
};

/// What a search writes to, and how it tells of it.
class SearchOutput {
  public:
    SearchOutput(Communicator const& comm, IdTable const& ids, QuerySet const& queries,
                 ResultWriter& writer)
        : comm_(comm), ids_(ids), queries_(queries), writer_(writer) {}

    /// People are shown so many queries.
    static constexpr std::int64_t samples = 5;

    /// This rank's queries of a round; the first ones of the job go to the report, to show to
    /// people. Collective.
    void write(RowRange range, Neighbors const& found, SearchReport& report) const;
    /// The same, by this rank alone, in any order.
    void write_own(RowRange range, Neighbors const& found, SearchReport& report) const;
    /// If it is time: queries up to `done` are finished, with these counts so far. Collective.
    void record(std::int64_t done, SearchReport const& report) const;

  private:
    io::IdBlock read_ids(RowRange range, Neighbors const& found, SearchReport& report) const;

    Communicator const& comm_;
    IdTable const& ids_;
    QuerySet const& queries_;
    ResultWriter& writer_;
};

}  // namespace partita::knn
