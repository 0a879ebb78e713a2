#pragma once

#include "partita/dataset/function_ref.hpp"
#include "partita/frame/block.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace partita::frame {

using BlockSink = dataset::FunctionRef<void(Block const&)>;

/// Where a table's rows come from: one virtual call per block, never per row.
class BlockSource {
  public:
    virtual ~BlockSource() = default;

    /// Push the blocks of a partition of this rank, in order. Called by several threads, for
    /// different partitions. The blocks last for the call that gets them.
    virtual void run(std::int64_t partition, BlockSink sink) const = 0;

    /// A source of these columns only, when leaving out the others saves work; null when not.
    virtual std::shared_ptr<BlockSource const> select(std::span<std::int64_t const>) const {
        return nullptr;
    }
};

}  // namespace partita::frame
