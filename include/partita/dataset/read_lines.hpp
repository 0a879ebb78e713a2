#pragma once

#include "partita/dataset/dataset.hpp"
#include "partita/dataset/line_blocks.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// How text is cut into partitions.
struct ReadLinesOptions {
    /// Partitions over all files; the default is the context's, or more so that none is larger than
    /// block_bytes.
    std::int64_t partitions = 0;
    std::int64_t block_bytes = 64 << 20;
};

/// The lines of text files, in the order of files (by name) and lines, as std::string_view.
///
/// Collective. `paths` is a file, a folder (its files, not those in folders below), a pattern
/// (`logs/*.txt`), or several of these separated by commas. Files are cut into ranges of bytes, and
/// a line belongs to the range in which it starts; a partition is the same share of all bytes. A
/// file that gzip or zstd compressed (told by its first bytes) is read by one partition. Line ends
/// are \n or \r\n and are taken off; a byte order mark at a file's start is skipped; a last line
/// may lack its end; an empty file has no lines.
///
/// Sizes are read now, lines whenever the dataset is run. Elements are views that last for the call
/// that gets them: keep a std::string (map, collect and all that is exchanged do).
/// @throws CollectiveError when nothing matches, or a file cannot be read.
inline auto read_lines(Context const& context, std::string const& paths,
                       ReadLinesOptions const& options = {}) {
    auto blocks =
        std::make_shared<LineBlocks const>(context, paths, options.partitions, options.block_bytes);
    Plan plan = source_plan(context, blocks->partitions(), "read_lines");
    return make_dataset<std::string_view>(
        std::move(plan), [blocks](std::int64_t partition, auto&& sink) {
            blocks->for_each_line(partition, [&](std::string_view line) { sink(line); });
        });
}

/// The same text in runs of many whole lines, with their ends: for work that looks for something
/// smaller than lines, such as words.
inline auto read_text(Context const& context, std::string const& paths,
                      ReadLinesOptions const& options = {}) {
    auto blocks =
        std::make_shared<LineBlocks const>(context, paths, options.partitions, options.block_bytes);
    Plan plan = source_plan(context, blocks->partitions(), "read_text");
    return make_dataset<std::string_view>(
        std::move(plan), [blocks](std::int64_t partition, auto&& sink) {
            blocks->for_each_block(partition, [&](std::string_view text) { sink(text); });
        });
}

}  // namespace partita::dataset
