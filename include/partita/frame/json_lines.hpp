#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>

namespace partita::frame {

/// What a reader of JSON lines cannot or shall not find out by itself.
struct JsonLinesOptions {
    /// Types that are known beforehand, "zip:string, age:float64". Keys that the sample does not
    /// show can be named here.
    std::string schema;
    /// Keys that are neither in the sample nor in `schema` are left out, not an error.
    bool ignore_other_keys = false;
    /// How much of a file makes a partition; more when there would be too many of them.
    std::int64_t partition_bytes = 4 << 20;
    /// Text that keys and types are inferred from, evenly spread over all files.
    std::int64_t sample_bytes = 4 << 20;
};

/// Text files with a JSON object a line as a table with a column for each key. Collective.
///
/// `paths` and compressed files as for read_csv; blank lines are left out. Integers make int64
/// columns, numbers float64, true and false bool, texts string or, when all of them are a date and
/// time, timestamp; arrays of numbers that are always of one length make vectors. Anything else,
/// such as objects within objects or a key with values of several kinds, is a string that holds the
/// JSON. null, and a key that a line has not, are null.
///
/// Keys and types come from a sample. Rows are read when the table is run; what does not fit then
/// is an error: `x.jsonl: line 1000001, key 'age': expected int64, got "abc"`.
/// @throws CollectiveError when a file cannot be read, or a line of the sample is no JSON object.
Table read_json_lines(dataset::Context const& context, std::string const& paths,
                      JsonLinesOptions const& options = {});

/// Write all rows, in order, a JSON object a line, as one file, which appears when it is complete.
/// Collective. Returns the rows written.
///
/// All columns are written, in order; nulls as null, and so are NaN and infinities, which JSON does
/// not know. Numbers have as few digits as tell them from their neighbours, floats a point or an
/// exponent, so that they are read as floats again.
std::int64_t write_json_lines(Table const& table, std::string const& path, bool overwrite = false);

}  // namespace partita::frame
