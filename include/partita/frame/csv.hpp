#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::frame {

/// What a reader of CSV files cannot or shall not find out by itself.
struct CsvOptions {
    /// Whether the first line of each file holds the columns' names. Not set: it does, unless one
    /// of its fields is a number. Without names, columns are called c1, c2, ...
    std::optional<bool> header;
    /// ',', '\t', ';', '|', or ' ' for any number of blanks. 0: the one that is most frequent in
    /// the first line.
    char separator = 0;
    /// Types that are known beforehand, "zip:string, age:float64", for any of the columns.
    std::string schema;
    /// Names for all columns, in place of the header's or the numbers.
    std::vector<std::string> names;
    /// Unquoted fields that stand for null, beside empty ones: "NA", "-999".
    std::vector<std::string> nulls;
    /// Add a column of this name, behind the others, with the name of each row's file, without its
    /// folders: "yob1880.txt".
    std::string file_column;
    /// Quotes are characters like others.
    bool ignore_quotes = false;
    /// How much of a file makes a partition; more when there would be too many of them.
    std::int64_t partition_bytes = 4 << 20;
    /// Text that is made into one block.
    std::int64_t block_bytes = 256 << 10;
    /// Text that types are inferred from, evenly spread over all files.
    std::int64_t sample_bytes = 4 << 20;
};

/// Text files with a row a line as a table. Collective.
///
/// `paths` is a file, a folder, a pattern or several of these separated by commas, in which case
/// all files have the same columns. The format is RFC 4180's: fields in quotes may hold
/// separators, line ends and doubled quotes. Line ends are \n or \r\n, a byte order mark is
/// skipped, empty lines are left out (in a file of one column they are nulls), and a file that gzip
/// or zstd compressed, told by its first bytes, is read by one rank. An empty field is null; a
/// quoted empty one is an empty text, or null where a number is expected. A text of several lines
/// that does not begin with a quote is an error: quotes within fields joined its lines.
///
/// Ranks count the quotes and newlines of their parts first, which tells where rows begin and how
/// many there are; types are inferred from a sample. Rows are read when the table is run; a value
/// that is not of its column's type then is an error: `x.csv: line 1000001, column 'age': expected
/// int64, got "abc"`. Types are int64, float64, bool (true, false), timestamp (date and time) and
/// string; integers that do not fit int64 make a column of strings.
///
/// @throws CollectiveError when a file cannot be read, a quote is not closed, or names are not
///         unique.
Table read_csv(dataset::Context const& context, std::string const& paths,
               CsvOptions const& options = {});

/// How CSV files are written.
struct CsvWriteOptions {
    char separator = ',';
    bool header = true;
    bool overwrite = false;
};

/// Write all rows, in order, as one file, which appears when it is complete. Collective.
///
/// A null is an empty field and an empty text is `""`, so that what was written reads as it was.
/// Numbers have as few digits as tell them from their neighbours. Returns the rows written.
std::int64_t write_csv(Table const& table, std::string const& path,
                       CsvWriteOptions const& options = {});

/// All rows of a small table as the text that write_csv would write. Collective: root has it, the
/// others get an empty text. @throws CollectiveError when Table::collect would.
std::string to_csv(Table const& table, CsvWriteOptions const& options = {});

}  // namespace partita::frame
