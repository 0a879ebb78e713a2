#pragma once

#include "partita/frame/csv.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::frame::csv {

/// How a CSV file is written.
struct Dialect {
    char separator = ',';
    bool quotes_count = true;
    /// Where the first row begins: behind a byte order mark and a header.
    std::int64_t data_begin = 0;
    /// The line on which it does, from 1.
    std::int64_t first_line = 1;
    std::vector<std::string> names;
};

/// Find out from the first lines of a file. Rank-local.
Dialect find_dialect(std::string const& path, CsvOptions const& options);

/// Where the first row of another file of the same kind begins; its header, if there is one, must
/// hold the same names.
void check_same_dialect(std::string const& path, CsvOptions const& options, Dialect const& first,
                        Dialect& other);

/// Make one blank of each run of blanks outside of quotes, in place, and none at either end of a
/// line. Returns the new size.
std::int64_t join_blanks(char* text, std::int64_t size, bool quotes_count);

}  // namespace partita::frame::csv
