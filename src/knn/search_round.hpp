#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/id_column.hpp"
#include "partita/knn/search.hpp"

namespace partita::knn {

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

/// The first queries of a job to show to people, if they are not there yet.
void add_samples(io::IdBlock const& query_ids, IdTable const& ids, Neighbors const& found,
                 SearchReport& report);

}  // namespace partita::knn
