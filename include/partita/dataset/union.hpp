#pragma once

#include "partita/dataset/make_dataset.hpp"

#include <cstdint>
#include <type_traits>

namespace partita::dataset {

/// The elements of `first`, then those of `second` (Spark: union). Their partitions stay where they
/// are.
template <class First, class Second>
auto union_of(First const& first, Second const& second) {
    using T = typename First::Element;
    static_assert(std::is_same_v<T, typename Second::Element>,
                  "union_with: expected datasets of the same elements");
    Plan plan = joined_plan({&first.plan(), &second.plan()}).then_anew("union");
    plan.runs.insert(plan.runs.end(), second.plan().runs.begin(), second.plan().runs.end());
    return make_dataset<T>(
        std::move(plan), [first = first.push(), second = second.push(),
                          split = first.plan().partitions()](std::int64_t partition, auto&& sink) {
            if (partition < split)
                first(partition, sink);
            else
                second(partition - split, sink);
        });
}

}  // namespace partita::dataset
