#pragma once

#include "partita/dataset/fold_table.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/value_meter.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Folds the pairs of one partition by key into a store, whatever memory that takes.
///
/// When the table has used up its share of memory, no key is added to it any more; pairs of other
/// keys wait, in their order and in scratch if need be, for another pass of their own. Where
/// accumulators grow (lists, texts), the keys that came last leave the table with what they have,
/// and go first in the next pass. So each key's values are folded in their order, and keys come out
/// in the order of first appearance, whatever the budget.
///
/// @tparam Merge  Value(Value accumulated, Value next).
template <class Key, class Value, class Merge>
class PartitionFold {
    using Item = std::pair<Key, Value>;
    using View = std::pair<viewed_t<Key>, Value>;

  public:
    PartitionFold(PieceStore& result, std::int64_t partition, Merge merge)
        : context_(result.context()),
          merge_(std::move(merge)),
          table_(context_.memory()),
          out_(result, partition, partition, writer_chunk_bytes(context_)),
          most_bytes_(context_.memory().working_limit() / context_.threads() / 2) {}

    /// Fold packed pairs.
    void add_packed(std::span<std::byte const> bytes) {
        for_each_block<View>(bytes, unpacked_, [this](Block<View> block) { add_block(block); });
    }

    /// Fold one value: add(Value&) for a key that is known, create() gives a new key's first.
    template <class AnyKey, class Create, class Add>
    void fold(AnyKey const& key, std::uint64_t hash, Create&& create, Add&& add) {
        auto const place = table_.find(key, hash);
        if (place.entry) {
            add(place.entry->second);
            if (meter_.added(table_)) [[unlikely]]
                keep_within_memory();
        } else {
            add_new(place, hash, key, create());
        }
    }

    /// Write the result, in as many passes as it takes.
    void finish() {
        write_entries();
        while (!evicted_.empty() || rest_) {
            std::deque<std::unique_ptr<PieceStore>> now = std::exchange(evicted_, {});
            if (rest_) {
                rest_writer_->flush();
                rest_writer_.reset();
                rest_->settle({0, 1});
                now.push_back(std::move(rest_));
            }
            table_.clear();
            meter_.clear();
            for (; !now.empty(); now.pop_front())
                now.front()->for_each_piece(0, [&](auto bytes) { add_packed(bytes); });
            write_entries();
        }
    }

  private:
    static constexpr std::size_t hashed_ahead = 32;

    void add_block(Block<View> block) {
        std::array<std::uint64_t, hashed_ahead> hashes;
        for (std::size_t start = 0; start < block.size(); start += hashed_ahead) {
            auto const part = block.subspan(start, std::min(hashed_ahead, block.size() - start));
            for (std::size_t i = 0; i < part.size(); ++i) hashes[i] = key_hash(part[i].first);
            for (std::size_t i = 0; i < part.size(); ++i) table_.prefetch(hashes[i]);
            for (std::size_t i = 0; i < part.size(); ++i) {
                auto& item = part[i];
                auto const place = table_.find(item.first, hashes[i]);
                if (place.entry) {
                    place.entry->second =
                        merge_(std::move(place.entry->second), std::move(item.second));
                    if (meter_.added(table_)) [[unlikely]]
                        keep_within_memory();
                } else {
                    add_new(place, hashes[i], item.first, std::move(item.second));
                }
            }
        }
    }

    template <class AnyKey>
    void add_new(typename FoldTable<Key, Value>::Place place, std::uint64_t hash, AnyKey const& key,
                 Value value) {
        if (rest_ || !evicted_.empty() || (memory_bytes() > most_bytes_ && table_.size() > 0)) {
            add_to_rest(View(key, std::move(value)));
            return;
        }
        meter_.count(value);
        table_.insert(place, hash, key, std::move(value));
    }

    std::int64_t memory_bytes() const { return table_.memory_bytes() + meter_.bytes(); }

    /// When accumulators have grown too large: the later half of the keys leave the table.
    void keep_within_memory() {
        if (memory_bytes() <= most_bytes_ || table_.size() < 2) return;
        std::int64_t const stay = table_.size() / 2;
        auto store = std::make_unique<PieceStore>(context_, Room::scratch);
        PartitionAppender<Item> out(*store, 0, 0, writer_chunk_bytes(context_));
        for (std::int64_t i = stay; i < table_.size(); ++i) out.add(table_.entry(i));
        out.flush();
        store->settle({0, 1});
        // These keys appeared before those that wait already.
        evicted_.push_front(std::move(store));
        table_.truncate(stay);
        meter_.measure(table_);
    }

    void add_to_rest(View const& item) {
        if (!rest_) {
            rest_ = std::make_unique<PieceStore>(context_);
            rest_writer_.emplace(*rest_, 0, 0, writer_chunk_bytes(context_));
        }
        rest_writer_->add(item);
    }

    void write_entries() {
        if constexpr (Flat<Item>) {
            if (table_.size() > 0) out_.add_block(table_.entries().take_block());
        } else {
            for (std::int64_t i = 0; i < table_.size(); ++i) out_.add(table_.entry(i));
            out_.flush();
        }
    }

    Context const& context_;
    Merge merge_;
    FoldTable<Key, Value> table_;
    PartitionAppender<Item> out_;
    std::int64_t most_bytes_;
    ValueMeter<Value> meter_;
    std::vector<View> unpacked_;
    std::deque<std::unique_ptr<PieceStore>> evicted_;  ///< Accumulators that left the table.
    std::unique_ptr<PieceStore> rest_;                 ///< Pairs of later keys.
    std::optional<PartitionAppender<Item>> rest_writer_;
};

}  // namespace partita::dataset
