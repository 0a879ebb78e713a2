#include "frame/join/key_lookup.hpp"

#include "frame/group/key_index.hpp"

#include "partita/core/hash.hpp"

#include <algorithm>
#include <bit>

namespace partita::frame {

namespace {

/// Integers that lie close together: an array of groups.
class DenseLookup final : public KeyLookup {
  public:
    DenseLookup(std::int64_t const* keys, std::int64_t rows, std::int64_t low, std::uint64_t range,
                std::uint32_t* groups)
        : base_(static_cast<std::uint64_t>(low)), group_of_(range + 1, no_group) {
        for (std::int64_t i = 0; i < rows; ++i) {
            std::uint32_t& group = group_of_[static_cast<std::uint64_t>(keys[i]) - base_];
            if (group == no_group) group = static_cast<std::uint32_t>(groups_++);
            groups[i] = group;
        }
    }

    void find(std::vector<Column> const& keys, std::int64_t rows,
              std::uint32_t* out) const override {
        auto const* const key = keys[0].values<std::int64_t>();
        std::uint32_t const* const group_of = group_of_.data();
        std::uint64_t const size = group_of_.size();
        for (std::int64_t i = 0; i < rows; ++i) {
            std::uint64_t const place = static_cast<std::uint64_t>(key[i]) - base_;
            out[i] = place < size ? group_of[place] : no_group;
        }
        if (keys[0].nulls())
            for (std::int64_t i = 0; i < rows; ++i)
                if (keys[0].nulls()[i]) out[i] = no_group;
    }

  private:
    std::uint64_t base_;
    std::vector<std::uint32_t> group_of_;
};

/// One flat key: slots that hold its bits, behind a filter of two bits a key that fits the caches
/// when the slots do not.
class HashedLookup final : public KeyLookup {
  public:
    HashedLookup(Column const& column, std::int64_t rows, std::uint32_t* groups)
        : slots_(std::bit_ceil(static_cast<std::size_t>(std::max<std::int64_t>(2 * rows, 64)))),
          filter_(std::max<std::size_t>(slots_.size() / 8, 64)) {
        with_key_bits(column, [&](auto const& bits) {
            for (std::int64_t i = 0; i < rows; ++i) groups[i] = insert(bits(i));
        });
    }

    void find(std::vector<Column> const& keys, std::int64_t rows,
              std::uint32_t* out) const override {
        std::fill(out, out + rows, no_group);
        with_key_bits(keys[0], [&](auto const& bits) {
            for (std::int64_t first = 0; first < rows; first += batch)
                find_batch(keys[0], bits, first, std::min(first + batch, rows), out);
        });
    }

  private:
    struct Slot {
        std::uint64_t bits = 0;
        std::uint32_t group = no_group;
    };
    static constexpr std::int64_t batch = 2048, ahead = 12;

    /// Both halves of a product: half the work of mix64, and no worse here.
    static std::uint64_t hash_of(std::uint64_t key) {
        auto const product =
            static_cast<unsigned __int128>(key ^ 0x2545f4914f6cdd1du) * 0x9e3779b97f4a7c15u;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }

    static std::uint64_t two_bits(std::uint64_t hash) {
        return std::uint64_t{1} << (hash >> 58) | std::uint64_t{1} << (hash >> 52 & 63);
    }

    std::uint32_t insert(std::uint64_t key) {
        std::uint64_t const hash = hash_of(key);
        std::size_t at = hash & (slots_.size() - 1);
        for (; slots_[at].group != no_group; at = (at + 1) & (slots_.size() - 1))
            if (slots_[at].bits == key) return slots_[at].group;
        slots_[at] = {key, static_cast<std::uint32_t>(groups_++)};
        filter_[hash & (filter_.size() - 1)] |= two_bits(hash);
        return slots_[at].group;
    }

    template <class Bits>
    void find_batch(Column const& column, Bits const& bits, std::int64_t first, std::int64_t last,
                    std::uint32_t* out) const {
        std::uint32_t rows[batch];
        std::uint64_t hashes[batch];
        std::int64_t count = 0;
        std::size_t const words = filter_.size() - 1;
        for (std::int64_t i = first; i < last; ++i) {
            std::uint64_t const hash = hash_of(bits(i)), wanted = two_bits(hash);
            rows[count] = static_cast<std::uint32_t>(i);
            hashes[count] = hash;
            count += (filter_[hash & words] & wanted) == wanted;
        }
        std::size_t const mask = slots_.size() - 1;
        for (std::int64_t c = 0; c < count; ++c) {
            if (c + ahead < count) __builtin_prefetch(&slots_[hashes[c + ahead] & mask]);
            if (column.is_null(rows[c])) continue;
            std::uint64_t const key = bits(rows[c]);
            std::size_t at = hashes[c] & mask;
            while (slots_[at].group != no_group && slots_[at].bits != key) at = (at + 1) & mask;
            out[rows[c]] = slots_[at].group;
        }
    }

    std::vector<Slot> slots_;
    std::vector<std::uint64_t> filter_;
};

/// Any keys.
class PackedLookup final : public KeyLookup {
  public:
    PackedLookup(std::span<Field const> fields, std::vector<Column> const& keys, std::int64_t rows,
                 std::uint32_t* groups)
        : table_(fields) {
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(rows));
        hash_rows(keys, rows, hashes.data());
        table_.find(keys, hashes.data(), rows, std::int64_t{1} << 60, groups);
        groups_ = table_.groups();
    }

    void find(std::vector<Column> const& keys, std::int64_t rows,
              std::uint32_t* out) const override {
        if (keys.size() == 1 && keys[0].has_small_dictionary()) {
            std::vector<std::uint32_t> of_text(static_cast<std::size_t>(keys[0].entries()));
            find({keys[0].dictionary()}, keys[0].entries(), of_text.data());
            for (std::int64_t i = 0; i < rows; ++i)
                out[i] = keys[0].is_null(i) ? no_group : of_text[keys[0].codes()[i]];
            return;
        }
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(rows));
        hash_rows(keys, rows, hashes.data());
        table_.lookup(keys, hashes.data(), rows, out);
    }

  private:
    GroupTable table_;
};

}  // namespace

std::unique_ptr<KeyLookup> make_key_lookup(std::span<Field const> fields,
                                           std::vector<Column> const& keys, std::int64_t rows,
                                           std::uint32_t* groups) {
    if (fields.size() > 1 || fields[0].type == Type::text)
        return std::make_unique<PackedLookup>(fields, keys, rows, groups);
    if (holds<std::int64_t>(fields[0].type) && rows > 0) {
        auto const* const key = keys[0].values<std::int64_t>();
        auto const [low, high] = std::minmax_element(key, key + rows);
        auto const range = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
        // An array of up to the bytes that slots would take.
        if (range < 8 * static_cast<std::uint64_t>(rows))
            return std::make_unique<DenseLookup>(key, rows, *low, range, groups);
    }
    return std::make_unique<HashedLookup>(keys[0], rows, groups);
}

}  // namespace partita::frame
