#pragma once

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
        auto const whole = [](auto const& item) -> auto const& { return item; };
        return dataset::sort_by(self(), whole, std::move(less), partitions, "sort");
    }

    /// The elements by ascending key(element) (or by `less` of keys), stable like sort. The key is
    /// computed several times for each element.
    template <std::invocable<stored_t<T> const&> KeyOf, class Less = std::less<>>
    auto sort_by(KeyOf key, Less less = {}, std::int64_t partitions = 0) const {
        return dataset::sort_by(self(), std::move(key), std::move(less), partitions, "sort_by");
    }

  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
};

}  // namespace partita::dataset
