#pragma once

#include "partita/frame/table.hpp"

#include <string>
#include <vector>

namespace partita::frame {

/// A row for each column that tells what is in it: column, type, count (of values), nulls, and of
/// numbers mean, stddev, min, q25, median, q75 and max as float64.
///
/// Collective: the table is run once and kept while it is looked at. All figures are exact, and the
/// same for any number of ranks, threads and memory; quantiles are interpolated as pandas and R
/// (type 7) do. What is not there, such as the mean of a column of strings, is null.
/// @param columns  Which; none = all.
/// @throws Error when there is no such column.
Block describe(Table const& table, std::vector<std::string> const& columns = {});

/// Exact quantiles of columns of numbers, interpolated as `describe` does: result[c][f] for column
/// c and fraction f; NaN when a column has no values. Nulls do not count; NaN is the largest
/// number.
///
/// Collective. Nothing is sorted and no values are gathered but a few: all ranks count how many
/// values lie in which part of the range, and look closer where the wanted ones are. The table is
/// run three or four times, so keep it first where that is slow.
/// @throws Error for what is no column of numbers, and fractions outside of [0, 1].
std::vector<std::vector<double>> quantiles(Table const& table,
                                           std::vector<std::string> const& columns,
                                           std::vector<double> const& fractions);

}  // namespace partita::frame
