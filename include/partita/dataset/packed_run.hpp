#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/growing_array.hpp"
#include "partita/dataset/key_words.hpp"
#include "partita/dataset/memory_account.hpp"
#include "partita/dataset/radix_sort.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Sorts the references of packed items by their keys' words, stably: by the first word, then runs
/// of equal ones by the next, and so on.
///
/// @tparam Words   KeyWords.
/// @tparam WordAt  std::uint64_t(std::byte const* item, WordPlace).
template <class Words, class WordAt>
class WordSort {
  public:
    struct Reference {
        std::uint64_t word;
        std::byte const* item;
    };

    WordSort(MemoryAccount& memory, WordAt word_at) : memory_(memory), word_at_(word_at) {}

    void sort(Reference* items, std::int64_t n) {
        PooledBuffer room(memory_, n * static_cast<std::int64_t>(sizeof(Reference)));
        room_ = reinterpret_cast<Reference*>(room.data());
        if (n > 1) runs_.push_back({items, n, {}});
        while (!runs_.empty()) {
            Run const run = runs_.back();
            runs_.pop_back();
            sort_run(run);
        }
    }

  private:
    /// Items whose words before the place are equal.
    struct Run {
        Reference* first;
        std::int64_t size;
        WordPlace place;
    };

    void sort_run(Run run) {
        do {
            if (fetch(run)) continue;
            sort_by_word(run);
            split(run);
            return;
        } while (Words::next(run.place, run.first->word));
    }

    /// Read all items' words. @returns whether they are the same.
    bool fetch(Run const& run) const {
        std::uint64_t differences = 0;
        std::uint64_t const first = word_at_(run.first->item, run.place);
        for (std::int64_t i = 0; i < run.size; ++i) {
            run.first[i].word = word_at_(run.first[i].item, run.place);
            differences |= run.first[i].word ^ first;
        }
        return differences == 0;
    }

    void sort_by_word(Run const& run) const {
        Reference* const last = run.first + run.size;
        auto const before = [](Reference const& a, Reference const& b) { return a.word < b.word; };
        if (run.size <= few) {
            for (Reference* at = run.first + 1; at < last; ++at) {
                Reference const moving = *at;
                Reference* to = at;
                for (; to > run.first && before(moving, to[-1]); --to) *to = to[-1];
                *to = moving;
            }
        } else if (run.size < many) {
            std::stable_sort(run.first, last, before);
        } else {
            radix_sort(run.first, room_, run.size, [](Reference const& r) { return r.word; });
        }
    }

    /// Leave those that are still equal for later.
    void split(Run const& run) {
        for (std::int64_t first = 0, last; first < run.size; first = last) {
            std::uint64_t const word = run.first[first].word;
            for (last = first + 1; last < run.size && run.first[last].word == word;) ++last;
            WordPlace place = run.place;
            if (last - first > 1 && Words::next(place, word))
                runs_.push_back({run.first + first, last - first, place});
        }
    }

    static constexpr std::int64_t few = 24, many = 4096;
    MemoryAccount& memory_;
    WordAt word_at_;
    Reference* room_ = nullptr;
    std::vector<Run> runs_;  ///< Still to be sorted. Not recursion: keys may be long and alike.
};

/// Packed items that lie in memory, to be sorted as they lie by WordKeys.
template <class T, class KeyOf, class Less>
class PackedRun {
    using View = read_for<T, KeyOf>;
    using Key = std::remove_cvref_t<std::invoke_result_t<KeyOf const&, View const&>>;
    using Words = KeyWords<Key, Less>;

  public:
    PackedRun(MemoryAccount& memory, KeyOf const& key_of, Less const&)
        : memory_(memory), key_of_(key_of), references_(memory) {}

    std::int64_t size() const { return references_.size(); }
    /// What the items take, with what sorting them will.
    std::int64_t memory_bytes() const {
        return packed_bytes_ + 3 * size() * static_cast<std::int64_t>(sizeof(Reference));
    }

    /// @tparam Item  T, or what is packed like it.
    template <class Item>
    void add(Item const& item) {
        std::int64_t const bytes = Codec<Item>::size(item);
        if (blocks_.empty() || used_ + bytes > blocks_.back().capacity()) add_block(bytes);
        std::byte* const at = blocks_.back().data() + used_;
        Codec<Item>::write(at, item);
        used_ += bytes;
        packed_bytes_ += bytes;
        references_.push_back({0, at});
    }

    /// Call write(View const&) for the items in ascending order, then forget them.
    template <class Write>
    void sort_into(Write&& write) {
        if (size() > 0) Sort(memory_, WordAt{&key_of_}).sort(&references_[0], size());
        View item{};
        for (std::int64_t i = 0; i < size(); ++i) {
            read(references_[i].item, item);
            write(item);
        }
        references_.clear();
        blocks_.clear();
        used_ = packed_bytes_ = 0;
    }

  private:
    static void read(std::byte const* at, View& item) {
        // The end was checked when the item was read for the first time.
        PackedReader reader(at, std::int64_t{1} << 40);
        Codec<View>::read(reader, item);
    }
    struct WordAt {
        KeyOf const* key_of;
        std::uint64_t operator()(std::byte const* at, WordPlace place) const {
            View item{};
            read(at, item);
            return Words::word(std::invoke(*key_of, std::as_const(item)), place);
        }
    };
    using Sort = WordSort<Words, WordAt>;
    using Reference = typename Sort::Reference;

    void add_block(std::int64_t bytes) {
        std::int64_t const grown = blocks_.empty() ? 0 : 4 * blocks_.back().capacity();
        blocks_.emplace_back(memory_,
                             std::max(bytes, std::clamp<std::int64_t>(grown, 4 << 10, 256 << 10)));
        used_ = 0;
    }

    MemoryAccount& memory_;
    KeyOf const& key_of_;
    std::vector<PooledBuffer> blocks_;
    std::int64_t used_ = 0;  ///< Of the last block.
    std::int64_t packed_bytes_ = 0;
    GrowingArray<Reference> references_;
};

}  // namespace partita::dataset
