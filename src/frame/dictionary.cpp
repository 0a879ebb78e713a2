#include "frame/dictionary.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::frame {

namespace {

/// Fewer rows tell nothing, and gain nothing.
constexpr std::int64_t fewest_rows = 64;

/// What tells texts of up to 16 bytes apart: their length and their first and last 8 bytes. Of
/// longer ones, these and a hash.
struct TextKey {
    std::uint64_t first = 0, last = 0;
    std::uint32_t size = 0;

    /// Good enough for a small table, in one multiplication.
    std::uint64_t hash() const {
        return ((first ^ std::rotl(last, 23)) + size) * 0x9e3779b97f4a7c15u >> 32;
    }
    bool operator==(TextKey const& other) const {  // in one branch
        return ((first ^ other.first) | (last ^ other.last) | (size ^ other.size)) == 0;
    }
};

template <class T>
std::uint64_t loaded(char const* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

TextKey key_of(std::string_view text) {
    char const *const begin = text.data(), *const end = begin + text.size();
    auto const size = static_cast<std::uint32_t>(text.size());
    if (size > 16) return {hash_bytes(text), loaded<std::uint64_t>(end - 8), size};
    if (size >= 8) return {loaded<std::uint64_t>(begin), loaded<std::uint64_t>(end - 8), size};
    if (size >= 4) return {loaded<std::uint32_t>(begin), loaded<std::uint32_t>(end - 4), size};
    if (size == 0) return {};
    return {loaded<std::uint8_t>(begin),
            loaded<std::uint8_t>(begin + size / 2) << 8 | loaded<std::uint8_t>(end - 1), size};
}

/// Numbers texts by first appearance.
class TextNumbers {
  public:
    explicit TextNumbers(Column const& texts) : texts_(texts), slots_(1024) {}

    /// The numbers of some rows, of a few at a time: slots are on their way while keys are made.
    /// @returns false as soon as there are more than `most` texts.
    bool number(std::int64_t first, std::int64_t last, std::int64_t most, std::uint32_t* out) {
        constexpr std::int64_t batch = 32;
        TextKey keys[batch];
        std::uint64_t hashes[batch];
        for (; first < last; first += batch) {
            std::int64_t const count = std::min(batch, last - first);
            for (std::int64_t i = 0; i < count; ++i) {
                keys[i] = key_of(texts_.text(first + i));
                hashes[i] = keys[i].hash();
                __builtin_prefetch(&slots_[hashes[i] & (slots_.size() - 1)]);
            }
            for (std::int64_t i = 0; i < count; ++i)
                *out++ = number_of(keys[i], hashes[i], first + i);
            if (entries() > most) return false;
        }
        return true;
    }
    std::int64_t entries() const { return std::ssize(first_rows_); }
    /// The row in which each text appeared first.
    std::vector<std::uint32_t> const& first_rows() const { return first_rows_; }

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    struct Slot {
        TextKey key;
        std::uint32_t number = none;
    };

    std::uint32_t number_of(TextKey const& key, std::uint64_t hash, std::int64_t row) {
        for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
            Slot& slot = slots_[at];
            if (slot.number == none) return add(slot, key, row);
            if (slot.key == key && (key.size <= 16 || is_text_of(slot, row))) return slot.number;
        }
    }
    bool is_text_of(Slot const& slot, std::int64_t row) const {
        return texts_.text(first_rows_[slot.number]) == texts_.text(row);
    }
    std::uint32_t add(Slot& slot, TextKey const& key, std::int64_t row) {
        auto const number = static_cast<std::uint32_t>(first_rows_.size());
        slot = {key, number};
        first_rows_.push_back(static_cast<std::uint32_t>(row));
        if (4 * first_rows_.size() > slots_.size()) grow();
        return number;
    }
    void grow() {
        std::vector<Slot> const old = std::exchange(slots_, std::vector<Slot>(4 * slots_.size()));
        for (Slot const& slot : old) {
            if (slot.number == none) continue;
            std::size_t at = slot.key.hash() & (slots_.size() - 1);
            while (slots_[at].number != none) at = (at + 1) & (slots_.size() - 1);
            slots_[at] = slot;
        }
    }

    Column const& texts_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> first_rows_;
};

struct Coded {
    Buffer<std::uint32_t> codes;
    Column texts;
    Buffer<std::uint8_t> nulls;
};

}  // namespace

Column with_dictionary(Column const& texts) {
    std::int64_t const rows = texts.size();
    if (texts.codes() || rows < fewest_rows) return texts;
    TextNumbers numbers(texts);
    auto const coded = std::make_shared<Coded>();
    coded->codes = Buffer<std::uint32_t>(rows);
    // Where nearly all texts at the beginning differ, so does more than a quarter of all.
    std::int64_t const sample = rows / 16, most = rows / 4;
    std::uint32_t* const codes = coded->codes.data();
    if (!numbers.number(0, sample, sample - sample / 8, codes) ||
        !numbers.number(sample, rows, most, codes + sample))
        return texts;
    coded->texts = texts.take(numbers.first_rows());
    if (texts.nulls()) {
        coded->nulls = Buffer<std::uint8_t>(rows);
        std::memcpy(coded->nulls.data(), texts.nulls(), static_cast<std::size_t>(rows));
    }
    return Column::coded(rows, coded->codes.data(), coded->texts.size(), coded->texts.offsets(),
                         coded->texts.bytes(), coded->nulls.data(), coded);
}

Block with_dictionaries(Block const& block) {
    std::vector<Column> columns(block.columns().begin(), block.columns().end());
    for (Column& column : columns)
        if (column.type() == Type::text) column = with_dictionary(column);
    return {block.shared_schema(), std::move(columns), block.rows()};
}

}  // namespace partita::frame
