#pragma once

#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace partita::test {

// Small datasets that several tests start from.

/// The first n of pair_at.
inline auto pairs(dataset::Context const& context, std::int64_t n, std::int64_t keys,
                  std::int64_t partitions = 0) {
    return dataset::generate(
        context, n, [keys](std::int64_t i) { return pair_at(i, keys); }, partitions);
}

/// The numbers in [first, last) as texts.
inline auto texts(dataset::Context const& context, std::int64_t first, std::int64_t last,
                  std::int64_t partitions) {
    return dataset::range(context, first, last, partitions).map([](std::int64_t i) {
        return std::to_string(i);
    });
}

template <class T>
std::vector<T> sorted(std::vector<T> items) {
    std::sort(items.begin(), items.end());
    return items;
}

}  // namespace partita::test
