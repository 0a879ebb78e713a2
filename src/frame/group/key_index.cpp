#include "frame/group/key_index.hpp"

#include "frame/group/prefetch.hpp"

#include "partita/core/hash.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace partita::frame {

namespace {

/// Half of the slots at most are taken.
std::size_t slots_for(std::int64_t groups) {
    return std::bit_ceil(static_cast<std::size_t>(std::max<std::int64_t>(2 * groups, 1024)));
}

/// One flat key: the slots hold its bits.
class FlatIndex final : public GroupTable::Index {
  public:
    FlatIndex() : slots_(slots_for(0)) {}

    std::int64_t find(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                      std::int64_t most_groups, std::vector<std::uint32_t>& new_rows,
                      std::uint32_t* out) override {
        most_groups_ = most_groups;
        new_rows_ = &new_rows;
        with_key_bits(keys[0], [&](auto const& bits) {
            std::int64_t done = 0;
            if (!keys[0].nulls()) {
                raw_ = static_cast<std::uint64_t const*>(keys[0].raw_values());
                done = find_dense(bits, 0, rows, out);
                if (rows - done >= dense_rows && find_range(bits, done, rows))
                    done = find_dense(bits, done, rows, out);
            }
            if (done == rows) return;
            if (!hashes) {
                own_hashes_.resize(static_cast<std::size_t>(rows));
                hash_rows(keys, rows, own_hashes_.data());
                hashes = own_hashes_.data();
            }
            find_each(keys[0], bits, hashes, done, rows, out);
        });
        return groups_;
    }
    bool needs_hashes() const override { return false; }

    void lookup(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                std::uint32_t* out) const override {
        constexpr std::int64_t ahead = 12;
        std::size_t const mask = slots_.size() - 1;
        with_key_bits(keys[0], [&](auto const& bits) {
            for (std::int64_t i = 0; i < rows; ++i) {
                if (i + ahead < rows) __builtin_prefetch(&slots_[hashes[i + ahead] & mask]);
                if (keys[0].is_null(i)) {
                    out[i] = null_group_;
                    continue;
                }
                std::uint64_t const key = bits(i);
                std::size_t at = hashes[i] & mask;
                while (slots_[at].group != no_group && slots_[at].bits != key) at = (at + 1) & mask;
                out[i] = slots_[at].group;
            }
        });
    }

    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(slots_.size() * sizeof(Slot) + 4 * dense_.size());
    }

  private:
    struct Slot {
        std::uint64_t bits = 0;
        std::uint32_t group = no_group;
    };

    /// Integers that lie close together are found in an array.
    static constexpr std::int64_t dense_rows = 1024;
    static constexpr std::uint64_t dense_range = 1 << 16;

    /// Whether the keys of rows [first, rows) lie close together; then the array has room for them.
    template <class Bits>
    bool find_range(Bits const& bits, std::int64_t first, std::int64_t rows) {
        auto low = static_cast<std::int64_t>(bits(first)), high = low;
        for (std::int64_t i = first + 1; i < rows; ++i) {
            auto const key = static_cast<std::int64_t>(bits(i));
            low = std::min(low, key);
            high = std::max(high, key);
        }
        auto const range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        if (range >= dense_range || range / 4 > static_cast<std::uint64_t>(most_groups_))
            return false;
        auto const base = static_cast<std::uint64_t>(low);
        if (dense_.empty() || base - dense_base_ >= dense_.size() ||
            base - dense_base_ + range >= dense_.size()) {
            // Twice the range, with room at both ends: the next block's range mostly is within it,
            // and small ones stay in the first-level cache.
            std::uint64_t const size = std::bit_ceil(std::max<std::uint64_t>(2 * range, 1024));
            dense_.assign(size, no_group);
            dense_base_ = base - (size - range) / 2;
        }
        return true;
    }

    /// Rows from `first` on, up to the first one that the array has no room for, which is returned.
    template <class Bits>
    std::int64_t find_dense(Bits const& bits, std::int64_t first, std::int64_t rows,
                            std::uint32_t* out) {
        std::uint32_t* const dense = dense_.data();
        std::uint64_t const base = dense_base_, size = dense_.size();
        return for_rows(raw_, first, rows, [&](std::int64_t i) {
            std::uint64_t const key = bits(i);
            if (key - base >= size) [[unlikely]]
                return false;
            std::uint32_t& known = dense[key - base];
            if (known == no_group) [[unlikely]]
                known = find_one(key, mix64(key), i);
            out[i] = known;
            return true;
        });
    }

    template <class Bits>
    void find_each(Column const& column, Bits const& bits, std::uint64_t const* hashes,
                   std::int64_t first, std::int64_t rows, std::uint32_t* out) {
        constexpr std::int64_t ahead = 12;
        for (std::int64_t i = first; i < rows; ++i) {
            if (i + ahead < rows)
                __builtin_prefetch(&slots_[hashes[i + ahead] & (slots_.size() - 1)]);
            if (column.is_null(i)) {
                if (null_group_ == no_group) null_group_ = new_group(i);
                out[i] = null_group_;
            } else {
                out[i] = find_one(bits(i), hashes[i], i);
            }
        }
    }

    std::uint32_t find_one(std::uint64_t key, std::uint64_t hash, std::int64_t row) {
        std::size_t at = hash & (slots_.size() - 1);
        for (;; at = (at + 1) & (slots_.size() - 1)) {
            Slot& slot = slots_[at];
            if (slot.group == no_group) break;
            if (slot.bits == key) return slot.group;
        }
        std::uint32_t const group = new_group(row);
        if (group == no_group) return no_group;
        slots_[at] = {key, group};
        hashes_.push_back(hash);
        if (2 * hashes_.size() > slots_.size()) grow();
        return group;
    }

    std::uint32_t new_group(std::int64_t row) {
        if (groups_ >= most_groups_) return no_group;
        new_rows_->push_back(static_cast<std::uint32_t>(row));
        return static_cast<std::uint32_t>(groups_++);
    }

    void grow() {
        std::vector<Slot> const old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
        std::size_t const mask = slots_.size() - 1;
        std::vector<std::uint64_t> by_group(static_cast<std::size_t>(groups_), 0);
        std::size_t next = 0;
        for (std::int64_t group = 0; group < groups_; ++group)
            if (static_cast<std::uint32_t>(group) != null_group_)
                by_group[static_cast<std::size_t>(group)] = hashes_[next++];
        for (Slot const& slot : old) {
            if (slot.group == no_group) continue;
            std::size_t at = by_group[slot.group] & mask;
            while (slots_[at].group != no_group) at = (at + 1) & mask;
            slots_[at] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::vector<std::uint64_t> hashes_;  ///< Of each group but the null's.
    std::vector<std::uint64_t> own_hashes_;
    std::vector<std::uint32_t> dense_;
    std::uint64_t const* raw_ = nullptr;  ///< The keys, as they lie in memory.
    std::uint64_t dense_base_ = 0;
    std::int64_t groups_ = 0, most_groups_ = 0;
    std::uint32_t null_group_ = no_group;
    std::vector<std::uint32_t>* new_rows_ = nullptr;
};

/// The values of rows, packed to bytes that are equal when they are equal as keys.
class PackedKeys {
  public:
    PackedKeys(std::span<Column const> keys, std::int64_t rows) {
        starts_.reserve(static_cast<std::size_t>(rows) + 1);
        for (std::int64_t row = 0; row < rows; ++row) {
            starts_.push_back(static_cast<std::size_t>(bytes_.size()));
            for (Column const& key : keys) add(key, row);
        }
        starts_.push_back(static_cast<std::size_t>(bytes_.size()));
    }
    std::string_view operator[](std::int64_t row) const {
        auto const i = static_cast<std::size_t>(row);
        return {bytes_.data() + starts_[i], starts_[i + 1] - starts_[i]};
    }

  private:
    void add(Column const& key, std::int64_t row) {
        bytes_.push_back(key.is_null(row) ? 1 : 0);
        if (key.is_null(row)) return;
        if (key.type() == Type::text) {
            std::string_view const text = key.text(row);
            auto const size = static_cast<std::uint32_t>(text.size());
            bytes_.append(reinterpret_cast<char const*>(&size), sizeof size);
            bytes_.append(text.data(), static_cast<std::int64_t>(text.size()));
        } else {
            with_key_bits(key, [&](auto const& bits) {
                std::uint64_t const value = bits(row);
                bytes_.append(reinterpret_cast<char const*>(&value), sizeof value);
            });
        }
    }

    GrowingBuffer<char> bytes_;
    std::vector<std::size_t> starts_;
};

/// Any keys.
class PackedIndex final : public GroupTable::Index {
  public:
    PackedIndex() : slots_(slots_for(0), no_group) { starts_.push_back(0); }

    std::int64_t find(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                      std::int64_t most_groups, std::vector<std::uint32_t>& new_rows,
                      std::uint32_t* out) override {
        PackedKeys const packed(keys, rows);
        for (std::int64_t i = 0; i < rows; ++i) {
            std::string_view const key = packed[i];
            std::size_t const at = slot_of(key, hashes[i]);
            out[i] = slots_[at];
            if (out[i] != no_group || groups() >= most_groups) continue;
            out[i] = slots_[at] = static_cast<std::uint32_t>(groups());
            new_rows.push_back(static_cast<std::uint32_t>(i));
            hashes_.push_back(hashes[i]);
            arena_.append(key.data(), static_cast<std::int64_t>(key.size()));
            starts_.push_back(static_cast<std::size_t>(arena_.size()));
            if (2 * hashes_.size() > slots_.size()) grow();
        }
        return groups();
    }

    void lookup(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                std::uint32_t* out) const override {
        PackedKeys const packed(keys, rows);
        for (std::int64_t i = 0; i < rows; ++i) out[i] = slots_[slot_of(packed[i], hashes[i])];
    }

    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(slots_.size() * 4 + hashes_.size() * 16) + arena_.size();
    }

  private:
    std::int64_t groups() const { return static_cast<std::int64_t>(hashes_.size()); }

    bool is(std::uint32_t group, std::uint64_t hash, std::string_view key) const {
        std::size_t const start = starts_[group];
        return hashes_[group] == hash && starts_[group + 1] - start == key.size() &&
               std::memcmp(arena_.data() + start, key.data(), key.size()) == 0;
    }

    /// Where the key is, or may be put.
    std::size_t slot_of(std::string_view key, std::uint64_t hash) const {
        std::size_t at = hash & (slots_.size() - 1);
        while (slots_[at] != no_group && !is(slots_[at], hash, key))
            at = (at + 1) & (slots_.size() - 1);
        return at;
    }

    void grow() {
        slots_.assign(2 * slots_.size(), no_group);
        for (std::size_t group = 0; group < hashes_.size(); ++group) {
            std::size_t at = hashes_[group] & (slots_.size() - 1);
            while (slots_[at] != no_group) at = (at + 1) & (slots_.size() - 1);
            slots_[at] = static_cast<std::uint32_t>(group);
        }
    }

    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> hashes_;
    GrowingBuffer<char> arena_;
    std::vector<std::size_t> starts_;
};

}  // namespace

std::unique_ptr<GroupTable::Index> make_key_index(std::span<Field const> keys) {
    if (keys.size() == 1 && keys[0].type == Type::text) return make_text_index();
    if (keys.size() == 1) return std::make_unique<FlatIndex>();
    return std::make_unique<PackedIndex>();
}

}  // namespace partita::frame
