#pragma once

#include "partita/dataset/csv_rows.hpp"
#include "partita/dataset/dataset.hpp"

#include <memory>
#include <string>
#include <utility>

namespace partita::dataset {

/// The rows of opened CSV files as TableRow, in the order of files and lines.
inline auto rows_of(Context const& context, std::shared_ptr<CsvRows const> rows) {
    Plan plan = source_plan(context, rows->partitions(), "read_csv_rows");
    return make_dataset<TableRow>(
        std::move(plan), [rows = std::move(rows)](std::int64_t partition, auto&& sink) {
            rows->for_each_row(partition, [&](TableRow const& row) { sink(row); });
        });
}

/// The rows of CSV or TSV files as TableRow: texts, and numbers where asked for.
///
/// Collective. Files are named, found, cut and unzipped as by read_lines. The delimiter is found;
/// fields may be quoted (a quoted text ends on its line); empty lines are skipped; all files have
/// the same columns. Columns are checked now, rows whenever the dataset is run.
/// @throws CollectiveError when a file cannot be read, or a column does not exist (with a
///         suggestion). Running it: "x.csv: line 3: expected 5 columns, got 4".
inline auto read_csv_rows(Context const& context, std::string const& paths,
                          ReadCsvOptions const& options = {}) {
    return rows_of(context, std::make_shared<CsvRows const>(context, paths, options));
}

/// The rows as T, a number or text, or a pair, tuple or aggregate of such with a member for each
/// column: read_csv_rows<std::pair<std::string_view, std::int64_t>>(context, "names.csv",
/// {.columns = {"name", "births"}}). Members may be std::optional, for fields that may be empty.
/// Running it throws "x.csv: line 3, column 'age': expected a number, got "abc"".
template <class T>
auto read_csv_rows(Context const& context, std::string const& paths,
                   ReadCsvOptions const& options = {}) {
    auto rows = std::make_shared<CsvRows const>(context, paths, options);
    collectively(context.comm(), "", [&] {
        check(static_cast<std::int64_t>(rows->names().size()) == TableRow::columns_of<T>(),
              "{}: expected {} columns, got {}", paths, TableRow::columns_of<T>(),
              rows->names().size());
    });
    return rows_of(context, std::move(rows)).map([](TableRow const& row) {
        return row.template as<T>();
    });
}

}  // namespace partita::dataset
