#pragma once

#include "partita/dataset/piece_store.hpp"
#include "partita/frame/block.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace partita::frame {

/// Blocks as flat bytes, for the exchange, spill files and kept tables: a header, then each
/// column's arrays, aligned to 16 bytes, so that a block is read where it lies.
std::int64_t encoded_bytes(Block const& block);

/// Write encoded_bytes(block) bytes; returns their end.
std::byte* encode(Block const& block, std::byte* out);

/// The block at the front of `bytes`, which then begin behind it. Its columns show the bytes.
Block decode(std::shared_ptr<Schema const> const& schema, std::span<std::byte const>& bytes);

/// Adds blocks to one partition of a store, in the order of one source partition.
class StoreWriter {
  public:
    StoreWriter(dataset::PieceStore& store, std::int64_t source, std::int64_t partition)
        : store_(store), source_(source), partition_(partition) {}

    void add(Block const& block);
    std::int64_t rows() const { return rows_; }

  private:
    dataset::PieceStore& store_;
    std::int64_t source_, partition_;
    std::int64_t sequence_ = 0;
    std::int64_t rows_ = 0;
};

}  // namespace partita::frame
