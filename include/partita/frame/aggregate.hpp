#pragma once

#include "partita/frame/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// What is to be computed for each group, or for all rows.
///
/// Nulls do not count, except for count() without a column, which counts rows. Of no values, count
/// and count_distinct are 0 and the others null; var and stddev (n - 1) of one value are null. NaN
/// counts like other numbers, and is the largest. Sums of int64 are exact, and one that int64 does
/// not hold is an error; sums of floats are added up in row order within each partition of the
/// table, then partition by partition, which is the same for any number of ranks.
struct Aggregate {
    enum Kind {
        count,
        sum,
        mean,
        min,
        max,
        var,
        stddev,
        first,           ///< The first value that is not null.
        count_distinct,  ///< Different values.
        quantile,        ///< Interpolated between neighbours, as pandas and R (type 7) do.
    };
    Kind kind = count;
    std::string column;    ///< "" = rows: of count only.
    std::string name;      ///< Of the result; "" = "mean_x", "count".
    double fraction = .5;  ///< Of quantile, within [0, 1].

    /// "mean_x", or the name that was given.
    std::string result_name() const;
    /// @throws Error when there is no such column, or its type does not go with the kind.
    Type result_type(Schema const& schema) const;
};

/// "count(), mean(x) as m, quantile(x, 0.9), median(x), count_distinct(y)".
/// @throws Error that quotes what is no aggregate, with a suggestion.
std::vector<Aggregate> parse_aggregates(std::string_view text);

/// A table's rows in groups of equal keys. Null is a key of its own, 0.0 equals -0.0, NaN itself.
class GroupedTable {
  public:
    /// @throws Error when a key is no column.
    GroupedTable(Table table, std::vector<std::string> keys);

    /// A row for each group: its keys, then the aggregates. Without keys, one row for all. The
    /// order of groups is not specified, but always the same; sort for another one.
    ///
    /// Groups are folded where the rows are as long as that shrinks them, and sent to where all
    /// rows of a key come together. What does not fit the memory waits in scratch; quantile and
    /// count_distinct hold the values of their groups of a 64th of all keys at a time.
    Table agg(std::vector<Aggregate> const& aggregates) const;
    Table agg(std::string_view aggregates) const { return agg(parse_aggregates(aggregates)); }

  private:
    Table table_;
    std::vector<std::string> keys_;
};

/// table.group_by: written as a function so that tables need not know about groups.
inline GroupedTable group_by(Table const& table, std::vector<std::string> keys) {
    return {table, std::move(keys)};
}

}  // namespace partita::frame
