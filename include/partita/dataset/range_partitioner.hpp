#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/partitioner.hpp"
#include "partita/dataset/sort_samples.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A key of a sample, and how many elements it stands for.
template <class Key>
struct WeightedKey {
    Key key;
    double weight = 0;
};

template <class Key, class Less>
std::vector<WeightedKey<Key>> weigh_keys(std::vector<SortSample<Key>> samples, Less const& less) {
    std::stable_sort(samples.begin(), samples.end(),
                     [&](auto const& a, auto const& b) { return less(a.key, b.key); });
    std::vector<WeightedKey<Key>> keys;
    for (auto& sample : samples) {
        if (keys.empty() || less(keys.back().key, sample.key))
            keys.push_back({std::move(sample.key), 0});
        keys.back().weight += static_cast<double>(sample.weight);
    }
    return keys;
}

/// Bounds of at most `partitions` ranges. A key with a partition's share or more gets a range of
/// its own; the others share the rest of the ranges evenly.
template <class Key>
std::vector<Key> range_bounds(std::vector<WeightedKey<Key>> const& keys, std::int64_t partitions) {
    double total = 0, left = 0;  // left: of keys that have no range of their own
    for (auto const& one : keys) total += one.weight;
    auto const heavy = [&](auto const& one) {
        return one.weight * static_cast<double>(partitions) >= total;
    };
    std::int64_t ranges = partitions;  // for those
    for (auto const& one : keys) {
        if (heavy(one))
            --ranges;
        else
            left += one.weight;
    }
    std::vector<Key> bounds;
    double in_range = 0;
    auto const end_range = [&](Key const& last) {
        bounds.push_back(last);
        left -= std::exchange(in_range, 0);
        --ranges;
    };
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (heavy(keys[i])) {
            if (in_range > 0 && (ranges > 1 || in_range >= left)) end_range(keys[i - 1].key);
            bounds.push_back(keys[i].key);
            continue;
        }
        in_range += keys[i].weight;
        if (ranges > 1 && in_range * static_cast<double>(ranges) >= left) end_range(keys[i].key);
    }
    // The last range needs no bound.
    if (!bounds.empty() && !keys.empty() && in_range == 0) bounds.pop_back();
    return bounds;
}

/// A RangePartitioner of at most `partitions` ranges of about one size, from a sample of the pairs'
/// keys (Spark: new RangePartitioner). Never splits equal keys, so a heavy key has one large range,
/// and the other keys' ranges stay even. Collective; runs the dataset once.
template <class Pairs, class Less = std::less<>>
auto range_partitioner(Pairs const& pairs, std::int64_t partitions, Less less = {}) {
    using Key = typename stored_t<typename Pairs::Element>::first_type;
    check(partitions >= 1, "range_partitioner: expected at least 1 partition, got {}", partitions);
    Context const& context = pairs.context();
    std::int64_t const most = std::max<std::int64_t>(
        32, 128 * partitions / std::max<std::int64_t>(pairs.num_partitions(), 1));
    auto parts = gather_partitions(
        pairs.plan(), run_partitions(pairs.plan(), "range_partitioner", [&](std::int64_t source) {
            KeySampler<Key> sampler(context.seed(), source, most);
            pairs.push()(source, [&](auto const& pair) {
                if (sampler.wants_next()) sampler.add(Key(to_stored(pair.first)));
            });
            return sampler.take();
        }));
    return collectively(context.comm(), "range_partitioner", [&] {
        std::vector<SortSample<Key>> samples;
        for (auto& part : parts)
            samples.insert(samples.end(), std::make_move_iterator(part.begin()),
                           std::make_move_iterator(part.end()));
        return RangePartitioner<Key, Less>(
            range_bounds(weigh_keys(std::move(samples), less), partitions), less);
    });
}

}  // namespace partita::dataset
