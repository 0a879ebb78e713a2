#pragma once

#include "partita/core/error.hpp"
#include "partita/core/random.hpp"
#include "partita/dataset/least_items.hpp"
#include "partita/dataset/partition_counts.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace partita::dataset {

/// n elements without replacement, in random order, in one pass: each element draws a number, and
/// the n least of these win.
template <class Input>
auto sample_without_replacement(Input const& input, std::int64_t n, std::uint64_t seed) {
    using T = stored_t<typename Input::Element>;
    using Drawn = std::pair<std::uint64_t, T>;
    auto const less = [](Drawn const& a, Drawn const& b) { return a.first < b.first; };
    auto drawn = least_items<Drawn>(
        input.plan(), "take_sample", n, less, [&](std::int64_t partition, auto&& add) {
            RandomStream random(seed, static_cast<std::uint64_t>(partition));
            input.push()(partition, [&](auto&& item) {
                add(Drawn(random(), to_stored(std::forward<decltype(item)>(item))));
            });
        });
    std::vector<T> sample;
    sample.reserve(drawn.size());
    for (Drawn& one : drawn) sample.push_back(std::move(one.second));
    return sample;
}

/// n elements that are drawn independently: counts first, then fetches those at random positions.
template <class Input>
auto sample_with_replacement(Input const& input, std::int64_t n, std::uint64_t seed) {
    using T = stored_t<typename Input::Element>;
    using Drawn = std::pair<std::int64_t, T>;  // (which draw, element)
    auto starts = partition_counts(input, "take_sample");
    std::int64_t const total = std::accumulate(starts.begin(), starts.end(), std::int64_t{0});
    std::exclusive_scan(starts.begin(), starts.end(), starts.begin(), std::int64_t{0});
    std::vector<std::pair<std::int64_t, std::int64_t>> draws;  // (position, which draw)
    RandomStream random(seed);
    for (std::int64_t i = 0; i < n && total > 0; ++i)
        draws.emplace_back(
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(total))), i);
    std::sort(draws.begin(), draws.end());
    auto const fetched = run_partitions(input.plan(), "take_sample", [&](std::int64_t partition) {
        std::vector<Drawn> found;
        std::int64_t position = starts[static_cast<std::size_t>(partition)];
        auto next =
            std::lower_bound(draws.begin(), draws.end(), std::pair(position, std::int64_t{0}));
        input.push()(partition, [&](auto const& item) {
            for (; next != draws.end() && next->first == position; ++next)
                found.emplace_back(next->second, to_stored(item));
            ++position;
        });
        return found;
    });
    std::vector<Drawn> local;
    for (auto const& part : fetched) local.insert(local.end(), part.begin(), part.end());
    std::vector<T> sample(draws.size());
    for (Drawn& one : gather_items(input.context().comm(), "take_sample", local))
        sample[static_cast<std::size_t>(one.first)] = std::move(one.second);
    return sample;
}

template <class Input>
auto take_sample(Input const& input, bool with_replacement, std::int64_t n, std::uint64_t seed) {
    check(n >= 0, "take_sample: expected a count of at least 0, got {}", n);
    return with_replacement ? sample_with_replacement(input, n, seed)
                            : sample_without_replacement(input, n, seed);
}

}  // namespace partita::dataset
