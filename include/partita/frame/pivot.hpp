#pragma once

#include "partita/frame/aggregate.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// What a pivot cannot or shall not find out by itself.
struct PivotOptions {
    /// The values that get columns, as texts, in this order; rows with others only make groups.
    /// None: all values that there are, in order, null last.
    std::vector<std::string> values;
    std::int64_t most_values = 1000;  ///< When they are found out.
};

/// A row for each group of `keys`, and a column for each value of `column` with the aggregate of
/// the group's rows that have it: Spark's groupBy(keys).pivot(column).agg(...).
///
/// Columns are called by their value ("null" for null), and by value_aggregate when there are
/// several aggregates. Where a group has no such row there is a null, also for count. The order of
/// groups is not specified, but always the same.
///
/// Collective when no values are given: the table is run to find them.
/// @throws Error when there is no such column, two columns would have one name, or a given value is
///         none of the column's type; CollectiveError when there are too many values.
Table pivot(Table const& table, std::vector<std::string> const& keys, std::string const& column,
            std::vector<Aggregate> const& aggregates, PivotOptions const& options = {});
inline Table pivot(Table const& table, std::vector<std::string> const& keys,
                   std::string const& column, std::string_view aggregates,
                   PivotOptions const& options = {}) {
    return pivot(table, keys, column, parse_aggregates(aggregates), options);
}

}  // namespace partita::frame
