#pragma once

#include "partita/dataset/piece_store.hpp"
#include "partita/dataset/spill_file.hpp"

#include <memory>
#include <utility>

namespace partita::dataset {

/// Packed bytes in memory (counted as kept) or in scratch.
struct PieceStore::Block {
    /// In memory; try_keep(buffer.capacity()) was granted.
    Block(Context const& context, PooledBuffer kept)
        : account(&context.memory()), buffer(std::move(kept)) {}
    Block(std::shared_ptr<SpillFile> spilled_to, std::int64_t offset)
        : file(std::move(spilled_to)), file_offset(offset) {}
    ~Block() {
        if (account) account->release(buffer.capacity());
    }
    Block(Block const&) = delete;
    Block& operator=(Block const&) = delete;

    /// The bytes at `offset`: in place, or read into `scratch`.
    std::span<std::byte const> read(std::int64_t offset, std::int64_t bytes, Context const& context,
                                    PooledBuffer& scratch) const {
        if (!file) return {buffer.data() + offset, static_cast<std::size_t>(bytes)};
        if (scratch.capacity() < bytes) scratch = PooledBuffer(context.memory(), bytes);
        file->read(file_offset + offset, scratch.data(), bytes);
        return {scratch.data(), static_cast<std::size_t>(bytes)};
    }

    MemoryAccount* account = nullptr;
    PooledBuffer buffer;
    std::shared_ptr<SpillFile> file;
    std::int64_t file_offset = 0;
};

}  // namespace partita::dataset
