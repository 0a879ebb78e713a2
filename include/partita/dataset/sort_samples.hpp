#pragma once

#include "partita/core/random.hpp"
#include "partita/dataset/codec.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A key with the place of its element in the input, and how many elements it stands for. The place
/// makes all elements different, so that equal keys can be shared out like any others.
template <class Key>
struct SortSample {
    Key key{};
    std::int64_t source = 0;  ///< Partition.
    std::int64_t index = 0;   ///< In the partition.
    std::int64_t weight = 1;
};

/// Chooses keys of one partition as they pass: one from each window of elements, at random. Windows
/// double whenever there are too many, so partitions of any size give about as many.
template <class Key>
class KeySampler {
  public:
    KeySampler(std::uint64_t seed, std::int64_t source, std::int64_t most)
        : random_(seed, static_cast<std::uint64_t>(source)), source_(source), most_(most) {}

    /// Whether the next element is to be given to add().
    bool wants_next() { return next_index_++ == chosen_; }
    void add(Key key) {
        samples_.push_back({std::move(key), source_, next_index_ - 1, 1});
        if (static_cast<std::int64_t>(samples_.size()) >= 2 * most_) halve();
        start_window(((next_index_ - 1) / window_ + 1) * window_);
    }
    std::vector<SortSample<Key>> take() {
        for (auto& sample : samples_) sample.weight = window_;
        return std::move(samples_);
    }

  private:
    void halve() {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < samples_.size(); i += 2)
            if (kept++ != i) samples_[kept - 1] = std::move(samples_[i]);
        samples_.resize(kept);
        window_ *= 2;
    }
    void start_window(std::int64_t first) {
        chosen_ =
            first + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(window_)));
    }

    RandomStream random_;
    std::int64_t source_, most_;
    std::int64_t next_index_ = 0, chosen_ = 0, window_ = 1;
    std::vector<SortSample<Key>> samples_;
};

/// A key at which a partition begins, with its place in the input: (source, index).
template <class Key>
using Splitter = std::pair<Key, std::pair<std::int64_t, std::int64_t>>;

/// Cut so that the samples' weights are shared evenly over `partitions`.
template <class Key, class Less>
std::vector<Splitter<Key>> choose_splitters(std::vector<SortSample<Key>> samples,
                                            std::int64_t partitions, Less const& less) {
    std::sort(samples.begin(), samples.end(), [&](auto const& a, auto const& b) {
        if (less(a.key, b.key)) return true;
        if (less(b.key, a.key)) return false;
        return std::tie(a.source, a.index) < std::tie(b.source, b.index);
    });
    double total = 0, passed = 0;
    for (auto const& sample : samples) total += static_cast<double>(sample.weight);
    std::vector<Splitter<Key>> chosen;
    for (auto& sample : samples) {
        auto const next = static_cast<std::int64_t>(chosen.size()) + 1;
        auto const cut = static_cast<double>(next) / static_cast<double>(partitions);
        if (passed >= cut * total && next < partitions)
            chosen.push_back({std::move(sample.key), {sample.source, sample.index}});
        passed += static_cast<double>(sample.weight);
    }
    return chosen;
}

/// Where sorted partitions begin: elements compare by key, then by their place in the input.
template <class Key, class Less>
class Splitters {
  public:
    Splitters(std::vector<SortSample<Key>> samples, std::int64_t partitions, Less less)
        : less_(std::move(less)) {
        for (auto& [key, place] : choose_splitters(std::move(samples), partitions, less_)) {
            keys_.push_back(std::move(key));
            places_.push_back(place);
        }
    }

    /// How many splitters are not after the element.
    std::int64_t partition_of(Key const& key, std::int64_t source, std::int64_t index) const {
        // Without branches that depend on keys: they would be mispredicted half of the time.
        Key const* first = keys_.data();
        for (std::size_t left = keys_.size(); left > 0;) {
            std::size_t const half = (left + 1) / 2;
            first += half * static_cast<std::size_t>(less_(first[half - 1], key));
            left -= half;
        }
        auto at = static_cast<std::size_t>(first - keys_.data());
        while (at < keys_.size() && !less_(key, keys_[at]) &&
               places_[at] <= std::pair(source, index))
            ++at;
        return static_cast<std::int64_t>(at);
    }

  private:
    Less less_;
    std::vector<Key> keys_;
    std::vector<std::pair<std::int64_t, std::int64_t>> places_;
};

}  // namespace partita::dataset
