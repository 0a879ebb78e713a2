#include "frame/group/key_index.hpp"

#include "partita/core/hash.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace partita::frame {

namespace {

/// One key of text. Of a dictionary each text is looked up once a block.
class TextIndex final : public GroupTable::Index {
  public:
    TextIndex() : slots_(1024) { starts_.push_back(0); }

    bool needs_hashes() const override { return false; }
    void begin_block() override { group_of_code_.clear(); }

    std::int64_t find(std::span<Column const> keys, std::uint64_t const*, std::int64_t rows,
                      std::int64_t most_groups, std::vector<std::uint32_t>& new_rows,
                      std::uint32_t* out) override {
        most_groups_ = most_groups;
        new_rows_ = &new_rows;
        Column const& key = keys[0];
        if (key.codes())
            find_codes(key, rows, out);
        else
            find_texts(key, rows, out);
        return groups_;
    }

    void lookup(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                std::uint32_t* out) const override {
        Column const& key = keys[0];
        for (std::int64_t i = 0; i < rows; ++i)
            out[i] = key.is_null(i) ? null_group_ : slots_[slot_of(key.text(i), hashes[i])].group;
    }

    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(slots_.size() * sizeof(Slot) + starts_.size() * 16) +
               texts_.size() + static_cast<std::int64_t>(group_of_code_.size() * 4);
    }

  private:
    struct Slot {
        std::uint32_t hash = 0;  ///< The upper half.
        std::uint32_t group = no_group;
    };

    void find_codes(Column const& key, std::int64_t rows, std::uint32_t* out) {
        if (group_of_code_.empty())
            group_of_code_.assign(static_cast<std::size_t>(key.entries()), no_group);
        for (std::int64_t i = 0; i < rows; ++i) {
            if (key.is_null(i)) {
                out[i] = null_group(i);
                continue;
            }
            std::uint32_t& group = group_of_code_[key.codes()[i]];
            if (group == no_group) [[unlikely]]
                group = find_one(key.text(i), hash_bytes(key.text(i)), i);
            out[i] = group;
        }
    }

    /// Some rows at a time, so that slots are on their way while texts are hashed.
    void find_texts(Column const& key, std::int64_t rows, std::uint32_t* out) {
        constexpr std::int64_t batch = 64;
        std::uint64_t hashes[batch];
        for (std::int64_t first = 0; first < rows; first += batch) {
            std::int64_t const last = std::min(first + batch, rows);
            for (std::int64_t i = first; i < last; ++i) {
                hashes[i - first] = hash_bytes(key.text(i));
                __builtin_prefetch(&slots_[hashes[i - first] & (slots_.size() - 1)]);
            }
            for (std::int64_t i = first; i < last; ++i)
                out[i] =
                    key.is_null(i) ? null_group(i) : find_one(key.text(i), hashes[i - first], i);
        }
    }

    std::uint32_t null_group(std::int64_t row) {
        if (null_group_ == no_group && (null_group_ = new_group(row)) != no_group) add_text("", 0);
        return null_group_;
    }

    std::uint32_t find_one(std::string_view text, std::uint64_t hash, std::int64_t row) {
        std::size_t const at = slot_of(text, hash);
        if (slots_[at].group != no_group) return slots_[at].group;
        std::uint32_t const group = new_group(row);
        if (group == no_group) return no_group;
        slots_[at] = {static_cast<std::uint32_t>(hash >> 32), group};
        add_text(text, hash);
        if (2 * hashes_.size() > slots_.size()) grow();
        return group;
    }

    /// Where the text is, or may be put.
    std::size_t slot_of(std::string_view text, std::uint64_t hash) const {
        std::size_t const mask = slots_.size() - 1;
        std::size_t at = hash & mask;
        while (slots_[at].group != no_group &&
               !(slots_[at].hash == hash >> 32 && text_of(slots_[at].group) == text))
            at = (at + 1) & mask;
        return at;
    }

    std::string_view text_of(std::uint32_t group) const {
        std::size_t const start = starts_[group];
        return {texts_.data() + start, starts_[group + std::size_t{1}] - start};
    }

    std::uint32_t new_group(std::int64_t row) {
        if (groups_ >= most_groups_) return no_group;
        new_rows_->push_back(static_cast<std::uint32_t>(row));
        return static_cast<std::uint32_t>(groups_++);
    }

    /// Of the newest group; null has one that no slot leads to.
    void add_text(std::string_view text, std::uint64_t hash) {
        hashes_.push_back(hash);
        texts_.append(text.data(), std::ssize(text));
        starts_.push_back(static_cast<std::size_t>(texts_.size()));
    }

    void grow() {
        slots_.assign(4 * slots_.size(), {});
        std::size_t const mask = slots_.size() - 1;
        for (std::uint32_t group = 0; group < hashes_.size(); ++group) {
            if (group == null_group_) continue;
            std::size_t at = hashes_[group] & mask;
            while (slots_[at].group != no_group) at = (at + 1) & mask;
            slots_[at] = {static_cast<std::uint32_t>(hashes_[group] >> 32), group};
        }
    }

    std::vector<Slot> slots_;
    GrowingBuffer<char> texts_;  ///< Of all groups, one after another.
    std::vector<std::size_t> starts_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::uint32_t> group_of_code_;  ///< Of the block's dictionary.
    std::int64_t groups_ = 0, most_groups_ = 0;
    std::uint32_t null_group_ = no_group;
    std::vector<std::uint32_t>* new_rows_ = nullptr;
};

}  // namespace

std::unique_ptr<GroupTable::Index> make_text_index() { return std::make_unique<TextIndex>(); }

}  // namespace partita::frame
