#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// The delimiter of a table of texts, judged by its first line: comma, tab or semicolon, whichever
/// occurs most often outside quotes; a comma when none does.
char find_row_delimiter(std::string_view first_line);

/// Splits lines of CSV and TSV files into their fields (RFC 4180, a quoted text ending on its
/// line). Blanks belong to the fields, but for those around quotes. Not for several threads.
class RowSplitter {
  public:
    explicit RowSplitter(char delimiter) : delimiter_(delimiter) {}

    /// @returns false when a quoted text does not end.
    bool split(std::string_view line);

    /// Of the last line; valid as long as the line, and until the next call.
    std::span<std::string_view const> fields() const { return fields_; }

  private:
    bool split_quoted(std::string_view line);

    char delimiter_;
    std::vector<std::string_view> fields_;
    std::string unquoted_;  ///< Texts that had doubled quotes.
};

}  // namespace partita::format
