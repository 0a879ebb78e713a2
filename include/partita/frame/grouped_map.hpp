#pragma once

#include "partita/frame/table.hpp"

#include <functional>
#include <string>
#include <vector>

namespace partita::frame {

/// What a grouped map calls: all rows of one group, in the table's order and with the table's
/// columns, to any number of rows of the declared schema. Called by several threads at once.
using GroupFunction = std::function<Block(Block const& group)>;

/// A function of each group: Spark's groupBy(keys).applyInPandas(fn, schema), where fn sees
/// columns.
///
/// All rows with equal keys reach one call of fn; null is a key of its own, 0.0 equals -0.0 and NaN
/// itself. No keys make one group of all rows, and no rows no group. Groups are spread over ranks
/// and threads: up to 64 groups evenly by their number, more by their keys' hashes. What fn returns
/// follows in an order that is not specified but always the same; sort for another one. Nothing
/// runs before the result is asked for, and then once.
///
/// Rows that find no room wait in scratch. A group is given to fn as a whole, so it must fit: up to
/// a quarter of the memory, apart from what fn itself needs; larger groups than a thread's share of
/// that run one at a time.
///
/// @throws Error when a key is no column; CollectiveError (when run) that names the group
///         "city = 'Oslo'" when it is too large, fn throws, or what fn returns has not the columns
///         of `output`.
Table apply_in_groups(Table const& table, std::vector<std::string> const& keys, Schema output,
                      GroupFunction fn);

}  // namespace partita::frame
