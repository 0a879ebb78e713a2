#pragma once

#include "partita/frame/column.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::frame {

/// A value as text: numbers with as few digits as tell them from their neighbours, true and false,
/// "2014-07-01 00:30:00", vectors as numbers with blanks between; nothing for a null.
void append_value(std::string& out, Column const& column, std::int64_t row);

/// The same as a field of a CSV file; an empty text is "".
void append_csv_value(std::string& out, Column const& column, std::int64_t row, char separator);

/// A text as a field of a CSV file, in quotes if it needs them.
void append_csv_field(std::string& out, std::string_view text, char separator);

}  // namespace partita::frame
