#pragma once

#include "partita/dataset/cartesian.hpp"
#include "partita/dataset/repartition.hpp"
#include "partita/dataset/sort_by.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <utility>

namespace partita::dataset {

/// Operations that exchange elements of any type: Dataset's members.
template <class Self, class T>
class WideOperations {
  public:
    /// The elements in ascending order (or by `less`), in `partitions` partitions of about one size
    /// (default: the context's). Stable: equal elements keep the dataset's order, and are shared
    /// out like others, so one value may fill several partitions.
    template <class Less = std::less<>>
    auto sort(Less less = {}, std::int64_t partitions = 0) const {
        return dataset::sort_by(self(), WholeItem{}, std::move(less), partitions, "sort");
    }

    /// The elements by ascending key(element) (or by `less` of keys), stable like sort. The key is
    /// computed several times for each element.
    template <std::invocable<stored_t<T> const&> KeyOf, class Less = std::less<>>
    auto sort_by(KeyOf key, Less less = {}, std::int64_t partitions = 0) const {
        return dataset::sort_by(self(), std::move(key), std::move(less), partitions, "sort_by");
    }

    /// The elements dealt out evenly over `partitions` partitions: the i-th of each partition p
    /// goes to partition (p + i) mod partitions.
    auto repartition(std::int64_t partitions) const {
        return dataset::repartition(self(), partitions);
    }

    /// Each element once, where it first appeared among its partition's.
    auto distinct() const requires Hashable<T> {
        return counted_once(Nothing{}, [](Nothing, Nothing) { return Nothing{}; }).keys();
    }

    /// (element, how often it occurs), as a dataset.
    auto count_by_value() const requires Hashable<T> {
        return counted_once(std::int64_t{1}, std::plus<std::int64_t>{});
    }

    /// A Group for each value of f(element): see group_by_key.
    template <std::invocable<T const&> F, class... Partitioner>
    auto group_by(F f, Partitioner... partitioner) const {
        return self().key_by(std::move(f)).group_by_key(std::move(partitioner)...);
    }

    /// The elements that both datasets have, each once, as Spark's intersection.
    template <class Other>
    auto intersection(Other const& other) const requires Hashable<T> {
        using Key = stored_t<T>;
        using Seen = std::uint8_t;  // bit 0: here, bit 1: there
        auto const as = [](Seen where) {
            return [where](auto const& item) { return std::pair<Key, Seen>(Key(item), where); };
        };
        return self()
            .map(as(1))
            .union_with(other.map(as(2)))
            .reduce_by_key([](Seen a, Seen b) { return static_cast<Seen>(a | b); })
            .filter([](std::pair<Key, Seen> const& found) { return found.second == 3; })
            .keys();
    }

    /// The elements that the other dataset lacks, as often as they are here (Spark: subtract).
    template <class Other>
    auto subtract(Other const& other) const requires Hashable<T> {
        auto const alone = [](auto const& item) {
            return std::pair<stored_t<T>, Nothing>(stored_t<T>(item), Nothing{});
        };
        return self().map(alone).subtract_by_key(other.map(alone)).keys();
    }

    /// All pairs (element, other's element), in the partitions of this dataset. Each rank gets the
    /// whole of the other dataset, in scratch if need be; so let that be the smaller one. Elements
    /// meet in blocks of 64 KiB: in order of this dataset's blocks, the other's blocks, the
    /// elements here, the elements there, whatever the memory.
    template <class Other>
    auto cartesian(Other const& other) const {
        return dataset::cartesian(self(), other);
    }

  private:
    struct Nothing {};

    template <class V, class F>
    auto counted_once(V one, F merge) const {
        return self()
            .map([one](T const& item) { return std::pair<T, V>(item, one); })
            .reduce_by_key(merge);
    }

    Self const& self() const { return static_cast<Self const&>(*this); }
};

}  // namespace partita::dataset
