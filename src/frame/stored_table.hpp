#pragma once

#include "partita/dataset/piece_store.hpp"
#include "partita/frame/table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace partita::frame {

/// A settled store of encoded blocks as a table's source; built when first asked for, then kept.
class StoredBlocks final : public dataset::Stage, public BlockSource {
  public:
    /// Collective. Returns a settled store.
    using Build = std::function<std::shared_ptr<dataset::PieceStore const>()>;

    StoredBlocks(std::shared_ptr<Schema const> schema, Build build)
        : schema_(std::move(schema)), build_(std::move(build)) {}

    void prepare() override;
    void run(std::int64_t partition, BlockSink sink) const override;

  private:
    std::shared_ptr<Schema const> schema_;
    Build build_;
    std::shared_ptr<dataset::PieceStore const> store_;
};

/// The result of a wide operation on `from`. `runs` as in dataset::Plan: {partitions}, mostly.
Table stored_table(dataset::Plan const& from, std::string_view operation,
                   std::vector<std::int64_t> runs, std::shared_ptr<Schema const> schema,
                   StoredBlocks::Build build);

/// Decode the blocks of a partition of a store, in order.
void for_each_block_in(dataset::PieceStore const& store, std::int64_t partition,
                       std::shared_ptr<Schema const> const& schema, BlockSink sink);

/// Run all of a table's partitions into a store that keeps them as they are. Collective.
std::shared_ptr<dataset::PieceStore> keep_blocks(Table const& table, std::string_view operation);
/// The same, before the store is settled or exchanged.
std::shared_ptr<dataset::PieceStore> blocks_of(Table const& table, std::string_view operation);

/// Whether the table's rows are kept (or will be) as they are: running it again costs little.
bool is_stored(Table const& table);

}  // namespace partita::frame
