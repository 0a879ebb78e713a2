#pragma once

#include "partita/frame/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

struct SortKey {
    std::string column;
    bool descending = false;
};

/// "year, -count": a minus, or " desc" behind the name, for descending order.
std::vector<SortKey> parse_sort_keys(std::string_view text);

/// The rows in the order of the keys, the first one first; rows with equal keys stay in their
/// order. Nulls come last in either direction; NaN is the largest number; texts compare byte by
/// byte. Equal keys are shared out over partitions like others, so one key may have all rows; what
/// does not fit the memory is sorted in runs. Rows travel packed, not as columns.
/// @throws Error when a key is no column.
Table sort(Table const& table, std::vector<SortKey> const& keys);

/// Each different row once. The order is not specified, but always the same.
Table distinct(Table const& table);

enum class JoinKind {
    inner,  ///< Pairs of rows with equal keys.
    left,   ///< And rows of the left table without a partner, with nulls.
    semi,   ///< Rows of the left table that have a partner, once each.
    anti,   ///< Rows of the left table that have none.
};

struct JoinOptions {
    JoinKind kind = JoinKind::inner;
    /// Up to this size (and an eighth of the memory) the right table is copied to all ranks. Beyond
    /// it, the left rows' keys travel to the right rows, and what is found back to the left rows.
    std::int64_t broadcast_bytes = 32 << 20;
};

/// The rows of two tables side by side where their keys are equal: left_keys[i] with right_keys[i],
/// which have the same types. Null keys have no partner.
///
/// Columns are the left ones, then the right ones without the keys; a name that is there already
/// gets "_right" behind it. Rows come in the left table's order, and the partners of a left row in
/// the right table's order, whatever the memory, ranks and threads.
/// Collective: the right table is run, to know its size; a large one is joined when a result is
/// asked for, which keeps the left table unless it is kept already.
/// @throws Error for keys that are no columns or differ in type; CollectiveError (when run) when
///         the right rows of one key take more than a thread's share of a quarter of the memory.
Table join(Table const& left, Table const& right, std::vector<std::string> const& left_keys,
           std::vector<std::string> const& right_keys, JoinOptions const& options = {});

}  // namespace partita::frame
