#pragma once

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
