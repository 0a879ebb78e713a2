#pragma once

#include "format/csv_dialect.hpp"
#include "format/csv_field.hpp"

#include <string>
#include <string_view>

namespace partita::format {

/// Reads the numbers of a CSV file's lines.
class CsvRowParser {
  public:
    CsvRowParser(std::string const& path, CsvDialect const& dialect)
        : path_(path), dialect_(dialect) {}

    /// All columns of a line but the ids'.
    /// @param row  From 0, for errors.
    /// @throws Error naming the line and column.
    void parse(std::int64_t row, std::string_view line, float* out) const;

    /// "line 3", counting the header.
    std::string line_text(std::int64_t row) const;

  private:
    /// A field that is not just a number and a delimiter.
    float parse_unusual(std::int64_t row, std::int64_t column, CsvFields& fields) const;
    [[noreturn]] void fail_ragged(std::int64_t row, std::string_view line) const;

    std::string const& path_;
    CsvDialect const& dialect_;
};

}  // namespace partita::format
