#pragma once

#include "partita/dataset/piece_store.hpp"
#include "partita/dataset/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace partita::dataset {

/// How many items are unpacked at a time.
inline constexpr std::size_t unpacked_items = 128;

/// Call sink(Block<T>) for the items in packed bytes.
template <class T, class Sink>
void for_each_block(std::span<std::byte const> bytes, std::vector<T>& unpacked, Sink&& sink) {
    if constexpr (Flat<T>) {
        sink(Block<T>(reinterpret_cast<T const*>(bytes.data()), bytes.size() / sizeof(T)));
    } else {
        PackedReader reader(bytes.data(), static_cast<std::int64_t>(bytes.size()));
        unpacked.resize(unpacked_items);
        while (!reader.at_end()) {
            std::size_t count = 0;
            while (count < unpacked_items && !reader.at_end())
                Codec<T>::read(reader, unpacked[count++]);
            sink(Block<T>(unpacked.data(), count));
        }
    }
}

/// The partitions of a store as a dataset's source.
template <class T>
class StoredSource final : public Source<T> {
  public:
    explicit StoredSource(std::shared_ptr<PieceStore const> store) : store_(std::move(store)) {}

    void run(std::int64_t partition, BlockSink<T> sink) const override {
        std::vector<T> unpacked;
        store_->for_each_piece(partition, [&](std::span<std::byte const> bytes) {
            for_each_block<T>(bytes, unpacked, sink);
        });
    }
    std::shared_ptr<PieceStore const> store() const override { return store_; }

  private:
    std::shared_ptr<PieceStore const> store_;
};

/// A chain behind Source: elements are gathered into small blocks.
template <class T, class Push>
class FusedSource final : public Source<T> {
  public:
    explicit FusedSource(Push push) : push_(std::move(push)) {}

    void run(std::int64_t partition, BlockSink<T> sink) const override {
        std::vector<T> block;
        block.reserve(unpacked_items);
        push_(partition, [&](auto&& item) {
            block.push_back(to_stored(std::forward<decltype(item)>(item)));
            if (block.size() < unpacked_items) return;
            sink(Block<T>(block));
            block.clear();
        });
        if (!block.empty()) sink(Block<T>(block));
    }

  private:
    Push push_;
};

/// Collects items of one partition, from one source, into blocks of a store.
template <class T>
class PartitionAppender {
  public:
    /// @param block_bytes  Of one block; a larger item gets one of its own.
    PartitionAppender(PieceStore& store, std::int64_t partition, std::int64_t source,
                      std::int64_t block_bytes)
        : store_(store), piece_{partition, source, 0, 0}, block_bytes_(block_bytes) {}

    template <class Item>
    void add(Item const& item) {
        using ItemCodec = Codec<std::remove_cvref_t<Item>>;
        std::int64_t const bytes = ItemCodec::size(item);
        if (used_ + bytes > block_.capacity()) make_room(bytes);
        ItemCodec::write(block_.data() + used_, item);
        used_ += bytes;
    }
    /// Add a whole block of packed items.
    void add_block(PooledBuffer block) {
        flush();
        piece_.bytes = block.size();
        store_.add(std::move(block), {&piece_, 1});
        ++piece_.sequence;
    }
    void flush() {
        if (used_ == 0) return;
        block_.set_size(used_);
        used_ = 0;
        add_block(std::exchange(block_, PooledBuffer()));
    }

  private:
    void make_room(std::int64_t bytes) {
        // Blocks grow from small ones: most datasets are small, and there may be many partitions.
        std::int64_t const next = std::clamp(block_.capacity() * 4, first_bytes_, block_bytes_);
        flush();
        block_ = PooledBuffer(store_.context().memory(), std::max(bytes, next));
    }

    static constexpr std::int64_t first_bytes_ = 1 << 10;
    PieceStore& store_;
    Piece piece_;
    std::int64_t block_bytes_;
    PooledBuffer block_;
    std::int64_t used_ = 0;
};

}  // namespace partita::dataset
