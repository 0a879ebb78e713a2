#include "table/query.hpp"

#include "cli/option_kinds.hpp"
#include "table/output.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/csv.hpp"
#include "partita/frame/wide.hpp"

namespace partita::cli {

namespace {

using frame::Table;

/// "a = x + 1" at its first '=' that stands alone.
std::pair<std::string, std::string> name_and_expression(std::string const& text) {
    std::size_t const at = text.find('=');
    check(at != std::string::npos && at > 0 && text.substr(at, 2) != "==",
          "--with: expected NAME = EXPRESSION, got '{}'", text);
    std::vector<std::string> const name = split_words(text.substr(0, at));
    check(name.size() == 1, "--with: expected NAME = EXPRESSION, got '{}'", text);
    std::size_t const begin = std::min(text.find_first_not_of(' ', at + 1), text.size());
    return {name.front(), text.substr(begin)};
}

Table joined(dataset::Context const& context, Query const& query, Table table) {
    for (std::size_t i = 0; i < query.joins.size(); ++i) {
        Table const right = open_table(context, query.joins[i], query.input.csv_options());
        std::vector<std::string> left_keys, right_keys;
        for (std::string const& key : split_words(query.on[i])) {
            std::size_t const equals = key.find('=');
            left_keys.push_back(key.substr(0, equals));
            right_keys.push_back(equals == std::string::npos ? key : key.substr(equals + 1));
        }
        table = frame::join(table, right, left_keys, right_keys);
    }
    return table;
}

Table grouped(Query const& query, Table const& table) {
    if (query.group_by.empty() && query.aggregates.empty()) return table;
    std::vector<std::string> const keys = split_words(query.group_by);
    Table groups =
        group_by(table, keys).agg(query.aggregates.empty() ? "count()" : query.aggregates);
    if (!query.having.empty()) groups = groups.filter(query.having);
    if (keys.empty() || !query.sort.empty()) return groups;
    std::vector<frame::SortKey> by_key;
    for (std::string const& key : keys) by_key.push_back({key, false});
    return sort(groups, by_key);
}

Table asked_for(Session const& session, Query const& query) {
    dataset::Context const context = make_context(session);
    frame::CsvOptions options = query.input.csv_options();
    options.schema = query.schema;
    options.names = split_words(query.names);
    options.file_column = query.file_column;
    options.ignore_quotes = query.ignore_quotes;
    Table table =
        joined(context, query, open_table(context, query.input.path, options, query.input.format));
    for (std::string const& column : query.columns) {
        auto const [name, expression] = name_and_expression(column);
        table = table.with_column(name, expression);
    }
    if (!query.where.empty()) table = table.filter(query.where);
    table = grouped(query, table);
    // Rows may be sorted by columns that the result leaves out, unless it is of different rows.
    auto const select = [&] {
        return query.select.empty() ? table : table.select(split_words(query.select));
    };
    if (query.distinct) table = distinct(select());
    if (!query.sort.empty()) table = sort(table, frame::parse_sort_keys(query.sort));
    table = select();
    // What decides how many rows there are is not computed twice.
    if (query.limit >= 0) table = table.cache().limit(query.limit);
    return table;
}

constexpr std::int64_t most_printed = 1000;

}  // namespace

void add_query_options(Command& command, Query& query) {
    OptionSet& app = command.app;
    app.add_option("TABLE", query.input.path, "CSV, .jsonl or .svm file(s), or file.h5:/table")
        .required()
        .type_name("FILE");
    add_read_options(command, query.input);
    auto const text = [&](char const* name, std::string& value, char const* what,
                          char const* group) { app.add_option(name, value, what).group(group); };
    text("--schema", query.schema, "Types of columns: \"age:float64, zip:string\"", "Input");
    text("--names", query.names, "Names for all columns of a CSV file", "Input");
    text("--file-column", query.file_column, "Add a column with each row's file name: yob1880.txt",
         "Input");
    app.add_flag("--ignore-quotes", query.ignore_quotes, "Quotes are characters like others")
        .group("Input");
    app.add_option("--join", query.joins, "Another table to join, as often as wanted")
        .type_name("FILE")
        .group("Rows and columns");
    app.add_option("--on", query.on, "Its key: \"id\", or \"left=right\" (several: a,b=c)")
        .group("Rows and columns");
    app.add_option("--with", query.columns, "Add a column: \"speed = Distance / AirTime * 60\"")
        .group("Rows and columns");
    text("--where", query.where, "Keep rows: \"ArrDelay > 15 and Dest in ('JFK', 'LAX')\"",
         "Rows and columns");
    text("--group-by", query.group_by, "Columns that make groups: a,b", "Groups");
    text("--agg", query.aggregates,
         "count() sum mean min max var stddev first median count_distinct quantile(x, 0.9)",
         "Groups");
    text("--having", query.having, "Keep groups: \"count > 100\"", "Groups");
    text("--select", query.select, "Columns of the result: a,b", "Result");
    app.add_flag("--distinct", query.distinct, "Each different row once").group("Result");
    text("--sort", query.sort, "Columns to sort by: \"-count, name\"", "Result");
    app.add_option("--limit", query.limit, "Rows at most").check(at_least(0)).group("Result");
    app.add_option("--out", query.out, "result.csv, .tsv, .jsonl or .h5[:/name]; none: print")
        .type_name("FILE")
        .group("Result");
}

void check_query(Query const& query) {
    check(query.having.empty() || !query.group_by.empty() || !query.aggregates.empty(),
          "--having: expected --group-by or --agg beside it");
    check(query.joins.size() == query.on.size(), "expected --on for each --join, got {} for {}",
          query.on.size(), query.joins.size());
    for (std::string const& column : query.columns) name_and_expression(column);
    check_output_name(query.out);
}

frame::Table run_query(Session const& session, Query const& query) {
    return with_agreed_errors([&] { return asked_for(session, query); });
}

std::int64_t write_result(Session const& session, Query const& query, frame::Table const& table) {
    if (query.out.empty()) {
        frame::Table const kept = table.cache();
        std::int64_t const rows = kept.rows();
        session.print("{}", frame::to_csv(kept.limit(most_printed)));
        if (rows > most_printed) session.print("... {} rows in all\n", rows);
        return rows;
    }
    return write_table(session, table, query.out);
}

}  // namespace partita::cli
