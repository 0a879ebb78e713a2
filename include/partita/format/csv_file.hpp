#pragma once

#include "partita/format/id_reader.hpp"
#include "partita/format/line_index.hpp"
#include "partita/format/vector_reader.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace partita::format {

/// What the reader of a CSV file cannot or shall not find out by itself.
struct CsvOptions {
    /// Whether the first line is a header. Not set: it is, when it has a field "id" (or the one
    /// that `id_column` names), or a field that is no number above one that is.
    std::optional<bool> header;
    /// The column of ids: its name, or without a header its number from 1. "": the column "id" if
    /// there is one, or a first column without a name, which is how pandas writes its index.
    std::string id_column;
};

/// A CSV or TSV file of numbers: every column but the ids' is a dimension of the vectors.
///
/// The delimiter (comma, tab, semicolon or blanks) is found from the first line. A UTF-8 byte order
/// mark, \r\n, quotes, a missing last line end and blank lines at the end are understood; a quoted
/// text must end on its line, and numbers have a decimal point.
///
/// Reading takes two passes, so that several readers can share the work: scan() disjoint ranges of
/// [begin(), end()), put the scans together to a LineIndex, then read any rows. All functions are
/// const and may be called from several threads.
class CsvFile {
  public:
    explicit CsvFile(std::string const& path, CsvOptions const& options = {});
    ~CsvFile();
    CsvFile(CsvFile&&) noexcept;
    CsvFile& operator=(CsvFile&&) noexcept;

    std::string const& path() const;
    char delimiter() const;
    bool has_header() const;
    /// The names of the vectors' columns; without a header their numbers, from 1.
    std::vector<std::string> dimension_names() const;
    /// The name of the id column, if there is one.
    std::optional<std::string> id_name() const;

    /// The bytes that hold rows.
    std::int64_t begin() const;
    std::int64_t end() const;
    /// Count and index the rows that start in bytes [first, last), and look at their ids.
    LineScan scan(std::int64_t first, std::int64_t last) const;

    /// The rows as float32 vectors. Errors name the line and column: "x.csv: line 3, column 'age':
    /// expected a number, got "abc"".
    /// @throws Error when there is no row or no column of numbers.
    std::unique_ptr<VectorReader> vectors(LineIndex index) const;
    /// The rows' ids, or null when there is no id column.
    std::unique_ptr<IdReader> ids(LineIndex index) const;

    struct State;

  private:
    std::shared_ptr<State const> state_;
};

}  // namespace partita::format
