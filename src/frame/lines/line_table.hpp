#pragma once

#include "partita/dataset/line_blocks.hpp"
#include "partita/frame/table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace partita::frame::lines {

/// Makes blocks of lines, for one partition.
class RowBuilder {
  public:
    virtual ~RowBuilder() = default;
    /// @throws Error that says what is wrong in the line, and begins with ": " or ", ": it follows
    ///         the line's place.
    virtual void add(std::string_view line) = 0;
    virtual std::int64_t rows() const = 0;
    virtual Block take() = 0;
};

using MakeRowBuilder = std::function<std::unique_ptr<RowBuilder>()>;

/// Text files cut into partitions of about `partition_bytes`, which depends on their sizes alone.
/// Collective.
std::shared_ptr<dataset::LineBlocks const> open_lines(dataset::Context const& context,
                                                      std::string const& paths,
                                                      std::int64_t partition_bytes,
                                                      std::string_view operation);

/// Call visit(line) for the lines of a partition that are not blank, until it returns false; Errors
/// get the place of the line.
void read_lines_until(dataset::LineBlocks const& lines, std::int64_t partition,
                      dataset::FunctionRef<bool(std::string_view)> visit);

/// Whether a line holds nothing but blanks.
bool is_blank(std::string_view line);

/// The rows that builders make of lines.
class LineSource : public BlockSource {
  public:
    /// @param block_rows  How many rows make a block.
    LineSource(std::shared_ptr<dataset::LineBlocks const> lines, MakeRowBuilder make,
               std::int64_t block_rows)
        : lines_(std::move(lines)), make_(std::move(make)), block_rows_(block_rows) {}
    void run(std::int64_t partition, BlockSink sink) const override;

  private:
    std::shared_ptr<dataset::LineBlocks const> lines_;
    MakeRowBuilder make_;
    std::int64_t block_rows_;
};

}  // namespace partita::frame::lines
