#pragma once

#include "dataset/spill_frames.hpp"

#include "partita/dataset/piece_store.hpp"
#include "partita/dataset/spill_file.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace partita::dataset {

/// Packed bytes in memory (counted as kept) or in scratch.
struct PieceStore::Block {
    /// In memory; try_keep(buffer.capacity()) was granted.
    Block(Context const& context, PooledBuffer kept)
        : account(&context.memory()), buffer(std::move(kept)) {}
    Block(std::shared_ptr<SpillFile> spilled_to, SpilledBlock in_file)
        : file(std::move(spilled_to)), spilled(std::move(in_file)) {}
    ~Block() {
        if (account) account->release(buffer.capacity());
    }
    Block(Block const&) = delete;
    Block& operator=(Block const&) = delete;

    /// A piece: in place, or read into `scratch`.
    std::span<std::byte const> read(std::int64_t offset, std::int64_t bytes, Context const& context,
                                    PooledBuffer& scratch) const {
        if (!file) return {buffer.data() + offset, static_cast<std::size_t>(bytes)};
        return spilled->read(*file, {offset, bytes}, context.memory(), scratch);
    }

    MemoryAccount* account = nullptr;
    PooledBuffer buffer;
    std::shared_ptr<SpillFile> file;
    std::optional<SpilledBlock> spilled;
};

}  // namespace partita::dataset
