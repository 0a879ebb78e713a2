#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/piece_store.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace partita::dataset {

/// How much a writer gathers before it sorts by partition: a huge page, or less where memory is
/// short.
inline std::int64_t writer_chunk_bytes(Context const& context) {
    return std::clamp<std::int64_t>(context.memory().working_limit() / context.threads() / 8, 4096,
                                    2 << 20);
}
/// The same with thousands of destinations: up to twice the share, for a piece should be much
/// larger than what is noted about it.
inline std::int64_t writer_chunk_bytes(Context const& context, std::int64_t partitions) {
    constexpr std::int64_t piece_bytes = 1 << 10;
    std::int64_t const most = context.memory().working_limit() / context.threads() / 4;
    return std::max(writer_chunk_bytes(context), std::min(partitions * piece_bytes, most));
}

/// Where each partition's part of a chunk begins, and the pieces that result.
class ChunkLayout {
  public:
    ChunkLayout(std::int64_t source, std::int64_t partitions)
        : source_(source), positions_(static_cast<std::size_t>(partitions), 0) {}

    /// Count `amount` (items or bytes) for a partition.
    void count(std::int64_t partition, std::int64_t amount) {
        positions_[static_cast<std::size_t>(partition)] += amount;
    }
    /// Turn counts into positions; pieces get `unit` bytes per counted amount.
    void lay_out(std::int64_t unit);
    /// Where the next item of a partition goes; moves on by `amount`.
    std::int64_t next(std::uint32_t partition, std::int64_t amount) {
        return std::exchange(positions_[partition], positions_[partition] + amount);
    }
    std::vector<Piece> const& pieces() const { return pieces_; }
    void start_again();

  private:
    std::int64_t source_;
    std::int64_t sequence_ = 0;
    std::vector<std::int64_t> positions_;
    std::vector<Piece> pieces_;
};

/// Sorts the items of one source partition by their destination and adds them to a store, keeping
/// their order for each destination.
///
/// Items are gathered until a chunk is full, then moved into a block in which each destination's
/// items lie together (a stable counting sort), so that what a rank gets is contiguous. One writer
/// per source partition; T may be a view type, what is stored is stored_t<T>.
template <class T>
class PartitionWriter;

/// Flat items: moved as what they are.
template <Flat T>
class PartitionWriter<T> {
  public:
    PartitionWriter(PieceStore& store, std::int64_t source, std::int64_t partitions)
        : store_(store),
          layout_(source, partitions),
          capacity_(std::max<std::int64_t>(
              writer_chunk_bytes(store.context(), partitions) / item_bytes, 1)) {
        grow(std::min<std::int64_t>(capacity_, 256));
    }

    void add(std::int64_t partition, T const& item) {
        if (size_ == room_) [[unlikely]]
            make_room();
        std::memcpy(static_cast<void*>(items_ + size_), static_cast<void const*>(&item), sizeof(T));
        destinations_[size_++] = static_cast<std::uint32_t>(partition);
        layout_.count(partition, 1);
    }

    void finish() {
        if (size_ == 0) return;
        MemoryAccount& memory = store_.context().memory();
        PooledBuffer block(memory, size_ * item_bytes);
        layout_.lay_out(item_bytes);
        if (layout_.pieces().size() == 1) {
            std::memcpy(block.data(), static_cast<void const*>(items_),
                        static_cast<std::size_t>(size_ * item_bytes));
        } else {
            T* const out = reinterpret_cast<T*>(block.data());
            for (std::int64_t i = 0; i < size_; ++i)
                std::memcpy(static_cast<void*>(out + layout_.next(destinations_[i], 1)),
                            static_cast<void const*>(items_ + i), sizeof(T));
        }
        store_.add(std::move(block), layout_.pieces());
        layout_.start_again();
        size_ = 0;
    }

  private:
    static constexpr std::int64_t item_bytes = sizeof(T);

    void make_room() {
        if (room_ < capacity_)
            grow(std::min(room_ * 8, capacity_));
        else
            finish();
    }
    void grow(std::int64_t room) {
        MemoryAccount& memory = store_.context().memory();
        PooledBuffer items(memory, room * item_bytes);
        PooledBuffer destinations(memory, room * static_cast<std::int64_t>(sizeof(std::uint32_t)));
        if (size_ > 0) {
            std::memcpy(items.data(), items_buffer_.data(),
                        static_cast<std::size_t>(size_ * item_bytes));
            std::memcpy(destinations.data(), destinations_buffer_.data(),
                        static_cast<std::size_t>(size_) * sizeof(std::uint32_t));
        }
        items_buffer_ = std::move(items);
        destinations_buffer_ = std::move(destinations);
        items_ = reinterpret_cast<T*>(items_buffer_.data());
        destinations_ = reinterpret_cast<std::uint32_t*>(destinations_buffer_.data());
        room_ = room;
    }

    PieceStore& store_;
    ChunkLayout layout_;
    std::int64_t capacity_;
    std::int64_t size_ = 0, room_ = 0;
    PooledBuffer items_buffer_, destinations_buffer_;
    T* items_ = nullptr;
    std::uint32_t* destinations_ = nullptr;
};

/// Packed items of any size: what PartitionWriter does for items that are not flat.
class PackedPartitionWriter {
  public:
    PackedPartitionWriter(PieceStore& store, std::int64_t source, std::int64_t partitions);

    /// Room for an item of `bytes` bytes; fill it before the next call.
    std::byte* add(std::int64_t partition, std::int64_t bytes) {
        if (used_ + bytes > staging_.capacity()) [[unlikely]]
            make_room(bytes);
        items_.push_back({static_cast<std::uint32_t>(partition), bytes});
        layout_.count(partition, bytes);
        return staging_.data() + std::exchange(used_, used_ + bytes);
    }
    void finish();

  private:
    struct Item {
        std::uint32_t partition;
        std::int64_t bytes;
    };

    void make_room(std::int64_t bytes);

    PieceStore& store_;
    ChunkLayout layout_;
    std::int64_t chunk_bytes_;
    PooledBuffer staging_;
    std::int64_t used_ = 0;
    std::vector<Item> items_;
};

template <class T>
requires(!Flat<T>) class PartitionWriter<T> {
  public:
    PartitionWriter(PieceStore& store, std::int64_t source, std::int64_t partitions)
        : packed_(store, source, partitions) {}

    /// @tparam Item  T, or what is packed like it.
    template <class Item>
    void add(std::int64_t partition, Item const& item) {
        Codec<Item>::write(packed_.add(partition, Codec<Item>::size(item)), item);
    }
    void finish() { packed_.finish(); }

  private:
    PackedPartitionWriter packed_;
};

}  // namespace partita::dataset
