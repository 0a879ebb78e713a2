#pragma once

#include "frame/csv/dialect.hpp"

#include <string>

namespace partita::frame::csv {

/// Say where the quote was opened that makes a file's number of quotes odd: the first one whose
/// field does not go on as a quoted one may (a separator or the line's end behind the closing
/// quote), else the first one within a field that was not quoted, else the last one.
/// @throws Error, always: "x.csv: line 7, column 'name': expected a closing quote ..."
[[noreturn]] void fail_open_quote(std::string const& path, Dialect const& dialect);

}  // namespace partita::frame::csv
