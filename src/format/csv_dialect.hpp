#pragma once

#include "format/text_file.hpp"

#include "partita/format/csv_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// How a CSV file is written, found out from its first two lines.
struct CsvDialect {
    char delimiter = ',';
    bool has_header = false;
    /// The header's names; without a header "1", "2", ...
    std::vector<std::string> names;
    std::optional<std::int64_t> id_column;
    /// The first byte and the line number (from 1) of the first row.
    std::int64_t data_begin = 0;
    std::int64_t first_line = 1;

    std::int64_t columns() const { return static_cast<std::int64_t>(names.size()); }
    /// "column 'age'", or "column 3" without a header.
    std::string column_text(std::int64_t column) const;
};

/// Comma, tab or semicolon, whichever occurs most often outside quotes; a blank only when no other
/// does.
char find_delimiter(std::string_view line);

/// @throws Error when the id column that the options name does not exist.
CsvDialect find_dialect(TextFile const& text, CsvOptions const& options);

}  // namespace partita::format
