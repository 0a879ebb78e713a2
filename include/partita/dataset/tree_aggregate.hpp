#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/cache.hpp"
#include "partita/dataset/coalesce.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace partita::dataset {

/// How many partial results of a tree are merged into one: as Spark's treeAggregate has it.
inline std::int64_t tree_scale(std::int64_t partitions, int depth) {
    check(depth >= 1, "tree_aggregate: expected a depth of at least 1, got {}", depth);
    return std::max<std::int64_t>(
        static_cast<std::int64_t>(std::ceil(std::pow(partitions, 1.0 / depth))), 2);
}

/// At most one partial result per partition, merged in rounds with neighbours until few are left.
/// A round merges where its results lie, so no rank holds all that a round starts from.
///
/// @tparam A    A partial result.
/// @param fold  fold(partition, sink) pushes a partition's, if it has one.
/// @param merge A(A, A), the earlier one first.
/// @return      The last round's, in order, on every rank.
template <class A, class Fold, class Merge>
std::vector<A> tree_of_partials(Plan const& plan, char const* name, Fold fold, Merge merge,
                                int depth) {
    using Partials = Dataset<A, ErasedPush<A>>;
    std::int64_t left = plan.partitions();
    std::int64_t const scale = tree_scale(left, depth);
    Partials partials =
        cache(make_dataset<A>(plan.then_anew(name), fold), Persist::memory_and_disk);
    while (left > scale + (left + scale - 1) / scale) {
        left /= scale;
        auto const joined = coalesce(partials, left);
        auto const merge_part = [push = joined.push(), merge](std::int64_t partition, auto&& sink) {
            Merge run = merge;
            std::optional<A> sum;
            push(partition,
                 [&](A const& next) { sum = sum ? run(std::move(*sum), A(next)) : next; });
            if (sum) sink(std::move(*sum));
        };
        partials = cache(make_dataset<A>(joined.plan().then_anew(name), merge_part),
                         Persist::memory_and_disk);
    }
    return partials.collect();
}

/// What is left of a tree, merged: none when there was nothing.
template <class A, class Merge>
std::optional<A> merge_all(Plan const& plan, std::vector<A> partials, Merge merge) {
    return collectively(plan.context.comm(), plan.lineage, [&] {
        std::optional<A> all;
        for (A& next : partials)
            all = all ? merge(std::move(*all), std::move(next)) : std::move(next);
        return all;
    });
}

template <class Input, class A, class Add, class Merge>
A tree_aggregate(Input const& input, A zero, Add add, Merge merge, int depth) {
    auto const fold = [push = input.push(), zero, add](std::int64_t partition, auto&& sink) {
        Add run = add;
        A sum = zero;
        push(partition,
             [&](auto&& item) { sum = run(std::move(sum), std::forward<decltype(item)>(item)); });
        sink(std::move(sum));
    };
    auto partials = tree_of_partials<A>(input.plan(), "tree_aggregate", fold, merge, depth);
    partials.insert(partials.begin(), std::move(zero));
    return *merge_all(input.plan().then("tree_aggregate"), std::move(partials), merge);
}

template <class Input, class F>
auto tree_reduce(Input const& input, F f, int depth) {
    using T = stored_t<typename Input::Element>;
    auto const fold = [push = input.push(), f](std::int64_t partition, auto&& sink) {
        F run = f;
        std::optional<T> sum;
        push(partition, [&](auto&& item) {
            T next = to_stored(std::forward<decltype(item)>(item));
            sum = sum ? run(std::move(*sum), std::move(next)) : std::move(next);
        });
        if (sum) sink(std::move(*sum));
    };
    return merge_all(input.plan(), tree_of_partials<T>(input.plan(), "tree_reduce", fold, f, depth),
                     f);
}

}  // namespace partita::dataset
