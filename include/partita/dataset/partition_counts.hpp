#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/plan.hpp"

#include <cstdint>
#include <vector>

namespace partita::dataset {

/// How many elements each partition has, on every rank. Collective.
template <class Input>
std::vector<std::int64_t> partition_counts(Input const& input, std::string_view operation) {
    auto const& push = input.push();
    return gather_partitions(input.plan(),
                             run_partitions(input.plan(), operation, [&](std::int64_t partition) {
                                 std::int64_t count = 0;
                                 push(partition, [&](auto const&) { ++count; });
                                 return count;
                             }));
}

/// The position of each partition's first element; one more entry holds the total. Collective.
template <class Input>
std::vector<std::int64_t> partition_starts(Input const& input) {
    std::vector<std::int64_t> starts{0};
    for (std::int64_t const count : partition_counts(input, "zip_with_index"))
        starts.push_back(starts.back() + count);
    return starts;
}

}  // namespace partita::dataset
