#pragma once

#include "partita/dataset/fold_table.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <utility>

namespace partita::dataset {

/// Folds pairs before they are exchanged, where that makes them fewer.
///
/// A table as large as the cache allows folds the first pairs; once it is clear that keys hardly
/// repeat, pairs go straight to the writer, for folding them costs more than sending them. The
/// choice depends on the partition's pairs alone, so the result does not change with ranks,
/// threads or memory.
///
/// @tparam Functions  create(value), add(accumulated, value): see FoldFunctions.
template <class Key, class Value, class Partitioner, class Functions>
class MapSideFold {
    using Item = std::pair<Key, Value>;

  public:
    MapSideFold(PieceStore& store, std::int64_t source, Partitioner partitioner,
                Functions functions, bool fold)
        : partitioner_(std::move(partitioner)),
          functions_(std::move(functions)),
          writer_(store, source, partitioner_.num_partitions()),
          table_(store.context().memory()),
          folding_(fold) {}

    template <class AnyKey, class AnyValue>
    void add(AnyKey const& key, AnyValue&& value) {
        if constexpr (std::equality_comparable_with<Key, AnyKey>)
            add_comparable(key, std::forward<AnyValue>(value));
        else
            add_comparable(Key(to_stored(key)), std::forward<AnyValue>(value));
    }

    void finish() {
        write_entries();
        writer_.finish();
    }

  private:
    template <class AnyKey, class AnyValue>
    void add_comparable(AnyKey const& key, AnyValue&& value) {
        std::uint64_t const hash = key_hash(key);
        if (!folding_) {
            writer_.add(partition_of(key, hash),
                        Item(Key(key), functions_.create(std::forward<AnyValue>(value))));
            return;
        }
        ++folded_;
        auto const place = table_.find(key, hash);
        if (place.entry) {
            place.entry->second =
                functions_.add(std::move(place.entry->second), std::forward<AnyValue>(value));
            return;
        }
        table_.insert(place, hash,
                      Item(Key(key), functions_.create(std::forward<AnyValue>(value))));
        if (table_.size() == next_check_) consider();
    }

    /// Entries that the second-level cache holds together with their index.
    static constexpr std::int64_t most_entries = std::clamp<std::int64_t>(
        (512 << 10) / static_cast<std::int64_t>(sizeof(Item) + 16), 1 << 12, 1 << 15);
    static constexpr std::int64_t first_check = 1 << 10;
    /// Folding pays when it makes at least this many pairs one.
    static constexpr std::int64_t worthwhile = 3;

    void consider() {
        folding_ = folded_ >= worthwhile * table_.size();
        next_check_ = std::min(2 * next_check_, most_entries);
        if (folding_ && table_.size() < most_entries) return;
        write_entries();
        folded_ = 0;
        next_check_ = most_entries;
    }

    void write_entries() {
        for (std::int64_t i = 0; i < table_.size(); ++i) {
            Item const& item = table_.entry(i);
            writer_.add(partition_of(item.first, key_hash(item.first)), item);
        }
        table_.clear();
    }

    template <class AnyKey>
    std::int64_t partition_of(AnyKey const& key, std::uint64_t hash) const {
        if constexpr (requires { partitioner_.partition_of_hash(hash); })
            return partitioner_.partition_of_hash(hash);
        else
            return checked_partition(partitioner_, key);
    }

    Partitioner partitioner_;
    Functions functions_;
    PartitionWriter<Item> writer_;
    FoldTable<Key, Value> table_;
    bool folding_;
    std::int64_t folded_ = 0;
    std::int64_t next_check_ = first_check;
};

}  // namespace partita::dataset
