#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/collect.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/least_items.hpp"
#include "partita/dataset/plan.hpp"

#include <cstdint>
#include <vector>

namespace partita::dataset {

/// The first `n` elements of a partition.
template <class Input>
auto first_of_partition(Input const& input, std::int64_t partition, std::int64_t n) {
    std::vector<stored_t<typename Input::Element>> items;
    if (n <= 0) return items;
    try {
        input.push()(partition, [&](auto&& item) {
            items.push_back(to_stored(std::forward<decltype(item)>(item)));
            if (static_cast<std::int64_t>(items.size()) >= n) throw EnoughElements{};
        });
    } catch (EnoughElements const&) {
    }
    return items;
}

/// Runs the first partition of each rank's, then four times as many, until enough are found.
template <class Input>
auto take_first(Input const& input, std::int64_t n) {
    using T = stored_t<typename Input::Element>;
    check(n >= 0, "take: expected a count of at least 0, got {}", n);
    std::int64_t const partitions = input.plan().partitions();
    std::vector<T> found;
    for (std::int64_t first = 0, last = 1; first < partitions; first = last, last = 4 * last) {
        std::int64_t const wanted = n - static_cast<std::int64_t>(found.size());
        if (wanted == 0) break;
        auto const parts = gather_partitions(
            input.plan(), run_partitions(input.plan(), "take", [&](std::int64_t partition) {
                bool const now = partition >= first && partition < last;
                return first_of_partition(input, partition, now ? wanted : 0);
            }));
        for (auto const& part : parts)
            for (T const& item : part)
                if (static_cast<std::int64_t>(found.size()) < n) found.push_back(item);
    }
    return found;
}

template <class Input, class Less>
auto take_ordered(Input const& input, std::int64_t n, Less const& less) {
    using T = stored_t<typename Input::Element>;
    check(n >= 0, "take_ordered: expected a count of at least 0, got {}", n);
    return least_items<T>(
        input.plan(), "take_ordered", n, less, [&](std::int64_t partition, auto&& add) {
            input.push()(partition,
                         [&](auto&& item) { add(to_stored(std::forward<decltype(item)>(item))); });
        });
}

}  // namespace partita::dataset
