#pragma once

#include "cli/command_line.hpp"
#include "ml/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::cli {

/// What `partita table` is asked to do, in the order in which it is done.
struct Query {
    TableArguments input;
    std::string schema, names, file_column;
    bool ignore_quotes = false;
    std::vector<std::string> joins, on;  ///< Files, and "key" or "left=right" for each.
    std::vector<std::string> columns;    ///< "name = expression".
    std::string where, group_by, aggregates, having, select, sort;
    bool distinct = false;
    std::int64_t limit = -1;
    std::string out;
};

void add_query_options(Command& command, Query& query);

/// @throws Error, a usage error, for options that do not go together.
void check_query(Query const& query);

/// The table that was asked for. Collective.
frame::Table run_query(Session const& session, Query const& query);

/// Write the rows to the file that its name calls for, or, without one, print them as CSV.
/// Collective. Returns how many there are.
std::int64_t write_result(Session const& session, Query const& query, frame::Table const& table);

}  // namespace partita::cli
