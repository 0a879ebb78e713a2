#pragma once

#include "partita/dataset/line_blocks.hpp"
#include "partita/dataset/table_row.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::dataset {

/// How CSV and TSV files are read.
struct ReadCsvOptions {
    /// The columns wanted, in this order: names, or numbers from 1 where there is no header. Empty
    /// stands for all.
    std::vector<std::string> columns;
    /// Whether each file's first line names the columns.
    bool header = true;
    /// 0: comma, tab or semicolon, by the first line.
    char delimiter = 0;
    /// As for read_lines.
    std::int64_t partitions = 0;
    std::int64_t block_bytes = 64 << 20;
};

/// CSV files cut into partitions: what read_csv_rows reads.
class CsvRows {
  public:
    /// Collective. The first file's first line says what the columns are.
    CsvRows(Context const& context, std::string const& paths, ReadCsvOptions const& options);

    std::int64_t partitions() const { return blocks_.partitions(); }
    /// Of the columns wanted; "1", "2", ... without a header.
    std::vector<std::string> const& names() const { return names_; }
    char delimiter() const { return delimiter_; }

    /// Call visit(row) for each row of a partition.
    /// @throws Error "x.csv: line 3: expected 5 columns, got 4".
    void for_each_row(std::int64_t partition, FunctionRef<void(TableRow const&)> visit) const;

  private:
    void choose(std::vector<std::string> const& wanted);
    void check_header(LinePlace const& place, std::span<std::string_view const> fields) const;
    std::string where(LinePlace const& place, std::int64_t column) const;

    LineBlocks blocks_;
    bool has_header_;
    char delimiter_;
    std::vector<std::string> all_names_;  ///< Of the file's columns.
    std::vector<std::string> names_;
    std::vector<std::size_t> chosen_;  ///< Where in a line.
    bool takes_all_ = false;           ///< All columns, in the file's order.
};

}  // namespace partita::dataset
