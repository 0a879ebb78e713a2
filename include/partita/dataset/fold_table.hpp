#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/growing_array.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/table_keys.hpp"

#include <cstdint>
#include <limits>
#include <utility>

namespace partita::dataset {

/// One accumulator per key, in the order in which keys first appeared.
///
/// Entries lie one after another; an open-addressed index of 8-byte slots (32 bits of the hash, 32
/// of the entry's position) finds them. So the index is small enough for the cache, comparing keys
/// is rare, growing needs no keys, and the entries of flat types are the result as they lie.
template <class Key, class Value>
class FoldTable {
  public:
    /// The key as the table keeps it (text as TextKey), and its accumulator.
    using Entry = std::pair<typename TableKeys<Key>::Kept, Value>;

    explicit FoldTable(MemoryAccount& account)
        : account_(account), keys_(account), entries_(account) {
        make_index(128);
    }

    std::int64_t size() const { return entries_.size(); }
    Entry& entry(std::int64_t i) { return entries_[i]; }
    GrowingArray<Entry>& entries() { return entries_; }

    /// What the entries take with their share of the index, about; without what values that are not
    /// flat hold elsewhere.
    std::int64_t memory_bytes() const {
        constexpr std::int64_t most_slots = 4;  // per entry
        return keys_.memory_bytes() +
               size() * (static_cast<std::int64_t>(sizeof(Entry)) + most_slots * slot_bytes);
    }

    void prefetch(std::uint64_t hash) const { __builtin_prefetch(slots_ + (hash & mask_)); }

    /// Find the key's entry, or its empty slot.
    struct Place {
        Entry* entry;  ///< Null when the key is not here.
        std::int64_t slot;
    };
    /// `key` may be of another type than Key, if it compares with Key and has the same hash.
    template <class AnyKey>
    Place find(AnyKey const& key, std::uint64_t hash) {
        auto const tag = static_cast<std::uint32_t>(hash);
        auto const& probe = keys_.probe(key);
        for (std::int64_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
            std::uint64_t const found = slots_[slot];
            if (found == empty) return {nullptr, slot};
            if (static_cast<std::uint32_t>(found >> 32) != tag) continue;
            Entry& entry = entries_[static_cast<std::int64_t>(static_cast<std::uint32_t>(found))];
            if (entry.first == probe) return {&entry, slot};
        }
    }

    /// Add what find() did not find.
    template <class AnyKey>
    void insert(Place place, std::uint64_t hash, AnyKey&& key, Value value) {
        check(size() < std::numeric_limits<std::uint32_t>::max(),
              "more than 2^32 keys in one table");
        slots_[place.slot] = (hash << 32) | static_cast<std::uint64_t>(size());
        entries_.push_back(Entry(keys_.keep(std::forward<AnyKey>(key)), std::move(value)));
        if (2 * size() > mask_) [[unlikely]]
            make_index((mask_ < 1 << 12 ? 4 : 2) * (mask_ + 1));
    }

    void clear() {
        keys_.clear();
        entries_.clear();
        empty_index();
    }
    /// Forget all but the first `size` entries (and none of the memory of long texts).
    void truncate(std::int64_t size) {
        entries_.truncate(size);
        empty_index();
        for (std::int64_t i = 0; i < size; ++i) {
            std::uint64_t const hash = key_hash(entries_[i].first);
            put(hash << 32 | static_cast<std::uint64_t>(i), hash);
        }
    }

  private:
    static constexpr std::uint64_t empty = ~std::uint64_t{0};  // no entry has position 2^32 - 1
    static constexpr std::int64_t slot_bytes = sizeof(std::uint64_t);

    void make_index(std::int64_t slots) {
        PooledBuffer old = std::exchange(index_, PooledBuffer(account_, slots * slot_bytes));
        std::int64_t const old_slots = mask_ + 1;
        auto const* const old_data = reinterpret_cast<std::uint64_t const*>(old.data());
        slots_ = reinterpret_cast<std::uint64_t*>(index_.data());
        mask_ = slots - 1;
        empty_index();
        if (!old_data) return;
        for (std::int64_t i = 0; i < old_slots; ++i)
            if (old_data[i] != empty) put(old_data[i], old_data[i] >> 32);
    }
    void empty_index() {
        for (std::int64_t i = 0; i <= mask_; ++i) slots_[i] = empty;
    }
    void put(std::uint64_t content, std::uint64_t hash) {
        std::int64_t slot = static_cast<std::int64_t>(hash) & mask_;
        while (slots_[slot] != empty) slot = (slot + 1) & mask_;
        slots_[slot] = content;
    }

    MemoryAccount& account_;
    TableKeys<Key> keys_;
    GrowingArray<Entry> entries_;
    PooledBuffer index_;
    std::uint64_t* slots_ = nullptr;
    std::int64_t mask_ = 0;
};

}  // namespace partita::dataset
