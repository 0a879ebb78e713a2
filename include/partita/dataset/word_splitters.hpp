#pragma once

#include "partita/dataset/key_words.hpp"
#include "partita/dataset/sort_samples.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Splitters of keys that have words: a key is looked for word by word, so most of it is compared
/// once, and not with each splitter on the way.
template <class Key, class Less>
requires WordKey<Key, Less>
class Splitters<Key, Less> {
    using Words = KeyWords<Key, Less>;

  public:
    /// See the general Splitters.
    Splitters(std::vector<SortSample<Key>> samples, std::int64_t partitions, Less less) {
        for (auto& [key, place] : choose_splitters(std::move(samples), partitions, less)) {
            std::vector<std::uint64_t> words;
            WordPlace at;
            do words.push_back(Words::word(key, at));
            while (Words::next(at, words.back()));
            depth_ = std::max(depth_, words.size());
            words_.push_back(std::move(words));
            places_.push_back(place);
        }
        for (std::size_t level = 0; level < depth_; ++level)
            for (auto const& words : words_)
                by_level_.push_back(level < words.size() ? words[level] : 0);
    }

    /// How many splitters are not after the element.
    template <class AnyKey>
    std::int64_t partition_of(AnyKey const& key, std::int64_t source, std::int64_t index) const {
        // Splitters [first, last) have the key's words so far.
        std::size_t first = 0, last = places_.size();
        std::uint64_t const* words = by_level_.data();
        WordPlace at;
        for (; first < last; words += places_.size()) {
            std::uint64_t const word = Words::word(key, at);
            first += lower(words + first, last - first, word);
            last = first + equal(words + first, last - first, word);
            if (first == last || !Words::next(at, word)) break;
        }
        while (first < last && places_[first] <= std::pair(source, index)) ++first;
        return static_cast<std::int64_t>(first);
    }

  private:
    /// How many of n ascending words are less, without branches that depend on them.
    static std::size_t lower(std::uint64_t const* words, std::size_t n, std::uint64_t word) {
        std::uint64_t const* first = words;
        while (n > 0) {
            std::size_t const half = (n + 1) / 2;
            first += half * static_cast<std::size_t>(first[half - 1] < word);
            n -= half;
        }
        return static_cast<std::size_t>(first - words);
    }
    /// How many words, which are none of them less, are equal.
    static std::size_t equal(std::uint64_t const* words, std::size_t n, std::uint64_t word) {
        if (n == 0 || words[0] != word) return 0;
        return static_cast<std::size_t>(std::upper_bound(words, words + n, word) - words);
    }

    std::size_t depth_ = 0;
    std::vector<std::vector<std::uint64_t>> words_;
    std::vector<std::pair<std::int64_t, std::int64_t>> places_;
    std::vector<std::uint64_t> by_level_;  ///< Row level: that word of each splitter.
};

}  // namespace partita::dataset
