#pragma once

#include "partita/dataset/fold_table.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/value_meter.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <utility>

namespace partita::dataset {

/// Folds pairs before they are exchanged, where that makes them fewer.
///
/// A table as large as the cache allows folds the first pairs. When it is full, and keys do not
/// repeat enough, the next pairs go straight to the writer, for folding them costs more than
/// sending them; where keys hardly repeat at all that shows much earlier. After a while folding is
/// tried again, for data may change as it goes on. The choice depends on the partition's pairs
/// alone, so the result does not change with ranks, threads or memory; and so does the table's
/// size, at most 1 MiB a thread. What exceeds the thread's share of memory is taken from that of
/// kept data, which goes to scratch instead.
///
/// @tparam Functions  create(value), add(accumulated, value): see FoldFunctions.
template <class Key, class Value, class Partitioner, class Functions>
class MapSideFold {
    using Item = std::pair<Key, Value>;
    using View = std::pair<viewed_t<Key>, Value>;

  public:
    MapSideFold(PieceStore& store, std::int64_t source, Partitioner partitioner,
                Functions functions, bool fold)
        : partitioner_(std::move(partitioner)),
          functions_(std::move(functions)),
          writer_(store, source, partitioner_.num_partitions()),
          table_(store.context().memory()),
          beyond_share_(store.context().memory(), fold ? bytes_beyond_share(store.context()) : 0),
          may_fold_(fold),
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
            if (may_fold_ && --until_retry_ <= 0) start_folding();
            writer_.add(partition_of(key, hash),
                        View(key, functions_.create(std::forward<AnyValue>(value))));
            return;
        }
        ++folded_;
        auto const place = table_.find(key, hash);
        if (place.entry) {
            place.entry->second =
                functions_.add(std::move(place.entry->second), std::forward<AnyValue>(value));
            if (meter_.added(table_)) [[unlikely]]
                keep_small();
            return;
        }
        Value created = functions_.create(std::forward<AnyValue>(value));
        meter_.count(created);
        table_.insert(place, hash, key, std::move(created));
        if (table_.size() == next_check_) [[unlikely]]
            consider();
        if constexpr (!Flat<Item>) keep_small();
    }

    using Table = FoldTable<Key, Value>;
    /// Entries that the second-level cache holds together with their index.
    static constexpr std::int64_t most_bytes = 512 << 10;
    static constexpr std::int64_t most_entries = std::clamp<std::int64_t>(
        most_bytes / static_cast<std::int64_t>(sizeof(typename Table::Entry) + 16), 1 << 12,
        1 << 15);
    static constexpr std::int64_t first_check = 1 << 10;
    /// Folding pays when it makes this many pairs one: three flat ones, two others.
    static constexpr std::int64_t worthwhile = Flat<Item> ? 3 : 2;

    /// What a full table takes more than a thread's share of tables.
    static std::int64_t bytes_beyond_share(Context const& context) {
        constexpr std::int64_t full = std::min<std::int64_t>(
            most_entries * static_cast<std::int64_t>(sizeof(typename Table::Entry) + 32),
            2 * most_bytes);
        return std::max<std::int64_t>(
            full - context.memory().working_limit() / context.threads() / 2, 0);
    }

    void consider() {
        bool const full = table_.size() >= most_entries;
        // Of keys that are all alike frequent, four fifths new ones among the first means that
        // there are many; frequent keys among rare ones show only later.
        folding_ = full ? folded_ >= worthwhile * table_.size() : 4 * folded_ >= 5 * table_.size();
        next_check_ = most_entries;
        if (folding_ && !full) return;
        if (folding_) {
            failures_ = 0;
        } else {  // what is lost by trying stays below some percent
            until_retry_ = folded_ * 32 << failures_;
            failures_ = std::min(failures_ + 1, 6);
        }
        write_entries();
        folded_ = 0;
    }

    /// From the next pair on.
    void start_folding() {
        folding_ = true;
        next_check_ = first_check;
    }

    /// Long keys, and accumulators that grow, fill the table's share before it has many entries.
    void keep_small() {
        if (table_.memory_bytes() + meter_.bytes() <= 2 * most_bytes) return;
        write_entries();
        folded_ = 0;
    }

    void write_entries() {
        for (std::int64_t i = 0; i < table_.size(); ++i) {
            auto const& entry = table_.entry(i);
            writer_.add(partition_of(entry.first, key_hash(entry.first)), entry);
        }
        table_.clear();
        meter_.clear();
    }

    template <class AnyKey>
    std::int64_t partition_of(AnyKey const& key, std::uint64_t hash) const {
        if constexpr (requires { partitioner_.partition_of_hash(hash); })
            return partitioner_.partition_of_hash(hash);
        else
            return checked_partition(partitioner_, Key(key));
    }

    Partitioner partitioner_;
    Functions functions_;
    PartitionWriter<Item> writer_;
    Table table_;
    ValueMeter<Value> meter_;
    CountedBytes beyond_share_;
    bool const may_fold_;
    bool folding_;
    std::int64_t folded_ = 0;
    std::int64_t next_check_ = first_check;
    std::int64_t until_retry_ = 0;  ///< Pairs, while not folding.
    int failures_ = 0;              ///< In a row.
};

}  // namespace partita::dataset
