#pragma once

#include "frame/csv/dialect.hpp"

#include "partita/dataset/context.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::frame::csv {

/// The rows of one partition: whole lines of one file.
struct RowSpan {
    std::int64_t file = 0;
    std::int64_t first = 0, last = 0;  ///< Bytes; `last` is far away for compressed files.
    std::int64_t rows = 0;
};

/// CSV files cut into partitions. All ranks hold the same.
struct FileIndex {
    std::vector<std::string> files;
    std::vector<Dialect> dialects;  ///< Of each file.
    std::vector<RowSpan> spans;     ///< By partition.
    bool rows_known = true;         ///< Whether spans[].rows are right.
    bool any_quotes = true;         ///< Whether there are quotes at all.
};

/// Find files, dialects, and where rows begin. Collective.
FileIndex index_files(dataset::Context const& context, std::string const& paths,
                      CsvOptions const& options);

/// The number (from 1) of the line that holds byte `offset` of the file's text.
std::int64_t line_at(std::string const& path, std::int64_t offset);

}  // namespace partita::frame::csv
