#pragma once

#include "partita/dataset/group_by_key.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_by.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// A value of the left or of the right dataset: one of the two is there.
template <class V, class W>
using EitherValue = std::pair<std::optional<V>, std::optional<W>>;

/// The placement that a join uses: one that a side has already, or a hash.
template <class Left, class Right>
std::pair<Placement, std::int64_t> common_placement(Left const& left, Right const& right) {
    using Key = typename stored_t<typename Left::Element>::first_type;
    if (left.placement() && left.plan().runs.size() == 1)
        return {left.placement(), left.num_partitions()};
    if (right.placement() && right.plan().runs.size() == 1)
        return {right.placement(), right.num_partitions()};
    std::int64_t const partitions = left.context().default_partitions();
    return {Placement::by<Key>(HashPartitioner(partitions)), partitions};
}

/// For each key of either dataset, its values of the left one, then those of the right one, as one
/// stream. Sides that are placed alike exchange nothing.
template <class Left, class Right>
auto cogroup_either(Left const& left, Right const& right, std::string_view name) {
    using K = typename stored_t<typename Left::Element>::first_type;
    using V = typename stored_t<typename Left::Element>::second_type;
    using W = typename stored_t<typename Right::Element>::second_type;
    static_assert(std::is_same_v<K, typename stored_t<typename Right::Element>::first_type>,
                  "expected datasets with the same keys");
    auto const [placement, partitions] = common_placement(left, right);
    auto const placed_left = place(left, placement, partitions, name);
    auto const placed_right = place(right, placement, partitions, name);
    Plan plan = placed_left.plan();
    plan.lineage = "(" + plan.lineage + ", " + placed_right.plan().lineage + ")";
    plan.stages.insert(plan.stages.end(), placed_right.plan().stages.begin(),
                       placed_right.plan().stages.end());
    plan.starts.insert(plan.starts.end(), placed_right.plan().starts.begin(),
                       placed_right.plan().starts.end());
    using Item = std::pair<K, EitherValue<V, W>>;
    auto const both = make_dataset<Item>(
        std::move(plan), [left = placed_left.push(), right = placed_right.push()](
                             std::int64_t partition, auto&& sink) {
            left(partition, [&](auto&& pair) {
                sink(Item(pair.first, EitherValue<V, W>(pair.second, std::nullopt)));
            });
            right(partition, [&](auto&& pair) {
                sink(Item(pair.first, EitherValue<V, W>(std::nullopt, pair.second)));
            });
        });
    return group_placed(both, name);
}

}  // namespace partita::dataset
