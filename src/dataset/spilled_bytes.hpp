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

/// Where a part lies in a spill file.
struct SpilledPart {
    std::int64_t first = 0;
    std::int64_t packed_bytes = 0;  ///< 0 for a part that lies there as it is.
};

/// Append a block to a file, as it is or part by part compressed, as the file's policy has it.
/// @param parts  Ascending, apart.
std::vector<SpilledPart> spill_parts(MemoryAccount& memory, SpillFile& file,
                                     PooledBuffer const& block, std::span<BlockPart const> parts);

/// A part of `bytes` bytes, read into `scratch`.
std::span<std::byte const> read_part(SpillFile const& file, SpilledPart part, std::int64_t bytes,
                                     MemoryAccount& memory, PooledBuffer& scratch);

}  // namespace partita::dataset
