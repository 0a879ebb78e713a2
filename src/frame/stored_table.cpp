#include "frame/stored_table.hpp"

#include "frame/block_codec.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::frame {

void for_each_block_in(dataset::PieceStore const& store, std::int64_t partition,
                       std::shared_ptr<Schema const> const& schema, BlockSink sink) {
    store.for_each_piece(partition, [&](std::span<std::byte const> bytes) {
        while (!bytes.empty()) sink(decode(schema, bytes));
    });
}

void StoredBlocks::prepare() {
    if (store_) return;
    store_ = build_();
    build_ = nullptr;  // and with it what the operation's inputs kept
}

void StoredBlocks::run(std::int64_t partition, BlockSink sink) const {
    for_each_block_in(*store_, partition, schema_, sink);
}

Table stored_table(dataset::Plan const& from, std::string_view operation,
                   std::vector<std::int64_t> runs, std::shared_ptr<Schema const> schema,
                   StoredBlocks::Build build) {
    auto const blocks = std::make_shared<StoredBlocks>(schema, std::move(build));
    dataset::Plan plan{from.context, std::move(runs), {blocks}, std::string(operation), {}};
    return {std::move(plan), std::move(schema), blocks};
}

bool is_stored(Table const& table) {
    return dynamic_cast<StoredBlocks const*>(table.source().get()) != nullptr;
}

std::shared_ptr<dataset::PieceStore> blocks_of(Table const& table, std::string_view operation) {
    auto store = std::make_shared<dataset::PieceStore>(table.context());
    run_partitions(table.plan(), operation, [&](std::int64_t partition) {
        StoreWriter writer(*store, partition, partition);
        table.source()->run(partition, [&](Block const& block) { writer.add(block); });
    });
    return store;
}

std::shared_ptr<dataset::PieceStore> keep_blocks(Table const& table, std::string_view operation) {
    auto store = blocks_of(table, operation);
    collectively(table.context().comm(), operation, [&] {
        store->settle({0, table.num_partitions()});
    });
    return store;
}

}  // namespace partita::frame
