#pragma once

#include "partita/dataset/context.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// Text files cut into partitions: what read_lines reads.
class LineBlocks {
  public:
    /// Collective. Root finds the files and their sizes.
    LineBlocks(Context const& context, std::string const& paths, std::int64_t partitions,
               std::int64_t block_bytes);

    std::int64_t partitions() const { return static_cast<std::int64_t>(starts_.size()) - 1; }

    /// Call visit(line) for each line of a partition. The view lasts for the call.
    void for_each_line(std::int64_t partition, FunctionRef<void(std::string_view)> visit) const;

  private:
    /// Bytes [first, last) of a file; all of a compressed one.
    struct Range {
        std::int64_t file, first, last;
    };

    void cut(std::vector<std::int64_t> const& sizes, std::vector<char> const& compressed,
             std::int64_t partitions);

    std::vector<std::string> files_;
    std::vector<Range> ranges_;
    std::vector<std::int64_t> starts_;  ///< Of each partition in ranges_, and the end.
};

}  // namespace partita::dataset
