#pragma once

#include "partita/dataset/context.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::dataset {

class LineReader;

/// Where a line is.
struct LinePlace {
    std::int64_t file = 0;
    std::int64_t offset = 0;  ///< In the file's bytes, unzipped.
    bool is_first = false;    ///< Of its file.
};

/// Text files cut into partitions: what read_lines and read_csv_rows read.
class LineBlocks {
  public:
    /// Collective. Root finds the files and their sizes.
    LineBlocks(Context const& context, std::string const& paths, std::int64_t partitions,
               std::int64_t block_bytes, std::string_view operation = "read_lines");

    std::int64_t partitions() const { return static_cast<std::int64_t>(starts_.size()) - 1; }

    /// Call visit(line) for each line of a partition. The view lasts for the call.
    void for_each_line(std::int64_t partition, FunctionRef<void(std::string_view)> visit) const;
    void for_each_placed_line(std::int64_t partition,
                              FunctionRef<void(std::string_view, LinePlace const&)> visit) const;
    /// Call visit(text) for runs of whole lines, with their ends, that make up a partition.
    void for_each_block(std::int64_t partition, FunctionRef<void(std::string_view)> visit) const;

    std::int64_t files() const { return static_cast<std::int64_t>(files_.size()); }
    std::string const& path(std::int64_t file) const {
        return files_[static_cast<std::size_t>(file)];
    }
    /// "x.csv: line 3", for messages: lines are counted from the file's start.
    std::string place_text(LinePlace const& place) const;
    /// "" for an empty file.
    std::string first_line(std::int64_t file) const;

  private:
    /// Bytes [first, last) of a file; all of a compressed one.
    struct Range {
        std::int64_t file, first, last;
    };

    template <class Visit>
    void for_each_range(std::int64_t partition, Visit const& visit) const;
    template <class Visit>
    void for_each_placed(std::int64_t partition, Visit const& visit) const;
    void check_reached(Range const& range, std::int64_t offset) const;
    void cut(std::vector<std::int64_t> const& sizes, std::vector<char> const& compressed,
             std::int64_t partitions);

    std::vector<std::string> files_;
    std::vector<Range> ranges_;
    std::vector<std::int64_t> starts_;  ///< Of each partition in ranges_, and the end.
};

}  // namespace partita::dataset
