#pragma once

#include "partita/dataset/memory_account.hpp"
#include "partita/dataset/spill_file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace partita::dataset {

/// A part of a block: read only as a whole.
struct BlockPart {
    std::int64_t offset, bytes;
};

/// A block in a spill file, as it is or part by part compressed.
class SpilledBlock {
  public:
    /// Write a block. @param parts  Ascending, apart.
    SpilledBlock(MemoryAccount& memory, SpillFile& file, PooledBuffer const& block,
                 std::span<BlockPart const> parts);

    /// The part that begins at `offset`, read into `scratch`.
    std::span<std::byte const> read(SpillFile const& file, BlockPart part, MemoryAccount& memory,
                                    PooledBuffer& scratch) const;

  private:
    struct Frame {
        std::int64_t offset;        ///< In the block.
        std::int64_t first, bytes;  ///< In the file.
    };

    void write_compressed(MemoryAccount& memory, SpillFile& file, PooledBuffer const& block,
                          std::span<BlockPart const> parts);

    std::int64_t first_ = 0;     ///< Of a block that lies in the file as it is.
    std::vector<Frame> frames_;  ///< Else.
};

}  // namespace partita::dataset
