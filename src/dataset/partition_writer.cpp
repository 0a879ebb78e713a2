#include "partita/dataset/partition_writer.hpp"

namespace partita::dataset {

void ChunkLayout::lay_out(std::int64_t unit) {
    pieces_.clear();
    std::int64_t start = 0;
    for (std::size_t p = 0; p < positions_.size(); ++p) {
        std::int64_t const amount = std::exchange(positions_[p], start);
        if (amount == 0) continue;
        pieces_.push_back({static_cast<std::int64_t>(p), source_, sequence_, amount * unit});
        start += amount;
    }
}

void ChunkLayout::start_again() {
    std::fill(positions_.begin(), positions_.end(), 0);
    ++sequence_;
}

PackedPartitionWriter::PackedPartitionWriter(PieceStore& store, std::int64_t source,
                                             std::int64_t partitions)
    : store_(store),
      layout_(source, partitions),
      chunk_bytes_(writer_chunk_bytes(store.context(), partitions)) {}

void PackedPartitionWriter::finish() {
    if (used_ == 0) return;
    PooledBuffer block(store_.context().memory(), used_);
    layout_.lay_out(1);
    std::byte const* in = staging_.data();
    for (Item const& item : items_) {
        copy_bytes(block.data() + layout_.next(item.partition, item.bytes), in,
                   static_cast<std::size_t>(item.bytes));
        in += item.bytes;
    }
    store_.add(std::move(block), layout_.pieces());
    layout_.start_again();
    items_.clear();
    used_ = 0;
}

void PackedPartitionWriter::make_room(std::int64_t bytes) {
    std::int64_t const wanted = used_ + bytes;
    if (used_ > 0 && wanted > chunk_bytes_) finish();
    if (used_ + bytes <= staging_.capacity()) return;
    std::int64_t const grown = std::clamp<std::int64_t>(staging_.capacity() * 4, 4096,
                                                        std::max<std::int64_t>(chunk_bytes_, 4096));
    PooledBuffer staging(store_.context().memory(), std::max(used_ + bytes, grown));
    if (used_ > 0) std::memcpy(staging.data(), staging_.data(), static_cast<std::size_t>(used_));
    staging_ = std::move(staging);
}

}  // namespace partita::dataset
