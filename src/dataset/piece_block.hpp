#pragma once

#include "partita/dataset/piece_store.hpp"

#include <utility>

namespace partita::dataset {

/// Packed bytes in memory, counted as kept: try_keep(buffer.capacity()) was granted.
struct PieceStore::Block {
    Block(Context const& context, PooledBuffer kept)
        : account(context.memory()), buffer(std::move(kept)) {}
    ~Block() { account.release(buffer.capacity()); }
    Block(Block const&) = delete;
    Block& operator=(Block const&) = delete;

    std::span<std::byte const> read(std::int64_t offset, std::int64_t bytes) const {
        return {buffer.data() + offset, static_cast<std::size_t>(bytes)};
    }

    MemoryAccount& account;
    PooledBuffer buffer;
};

}  // namespace partita::dataset
