#pragma once

#include "partita/core/random.hpp"
#include "partita/dataset/coalesce.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/union.hpp"
#include "partita/dataset/zip.hpp"
#include "partita/dataset/zip_with_index.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// What a user's function gives for an element, as a value.
template <class F, class... Args>
using result_of_t = std::remove_cvref_t<std::invoke_result_t<F&, Args const&...>>;

/// Operations that work partition by partition and exchange nothing: Dataset's members for all
/// elements. Names and meanings are Spark's; differences are said.
template <class Self, class T>
class NarrowOperations {
  public:
    /// f(element) for each element.
    template <std::invocable<T const&> F>
    auto map(F f) const {
        return map_as("map", std::move(f));
    }

    /// Every element of the range f(element), in order.
    template <std::invocable<T const&> F>
    auto flat_map(F f) const {
        using Item = std::remove_cvref_t<decltype(*std::begin(
            std::declval<std::invoke_result_t<F&, T const&>&>()))>;
        return make_dataset<Item>(
            plan().then_anew("flat_map"),
            [push = push(), f, step = step("flat_map")](std::int64_t partition, auto&& sink) {
                F run = f;
                push(partition, [&](auto&& element) {
                    for (auto&& item : invoke_in(step, run, element)) sink(item);
                });
            });
    }

    /// f(element, emit) calls emit(item) any number of times: flat_map without a range, the fastest
    /// way to make several items of one. Spark has no such operation.
    template <class Item, class F>
    auto flat_map_into(F f) const {
        return make_dataset<Item>(
            plan().then_anew("flat_map"),
            [push = push(), f, step = step("flat_map")](std::int64_t partition, auto&& sink) {
                F run = f;
                auto emit = sink_behind(sink);
                push(partition,
                     [&](auto&& item) { invoke_in(step, run, std::as_const(item), emit); });
            });
    }

    /// The elements for which f(element) holds.
    template <std::predicate<T const&> F>
    auto filter(F f) const {
        return make_dataset<T>(plan().then("filter"), [push = push(), f, step = step("filter")](
                                                          std::int64_t partition, auto&& sink) {
            F run = f;
            push(partition, [&](auto&& item) {
                if (invoke_in(step, run, std::as_const(item)))
                    sink(std::forward<decltype(item)>(item));
            });
        });
    }

    /// Pairs (f(element), element).
    template <std::invocable<T const&> F>
    auto key_by(F f) const {
        return map_as("key_by", [f](T const& item) mutable {
            return std::pair<result_of_t<F, T>, T>(std::invoke(f, item), item);
        });
    }

    /// f(partition, elements) for each partition, elements being a vector that f may take; it
    /// returns a range of results. Holds one partition per thread in memory (Spark: an iterator);
    /// closures with state do most of what map_partitions is used for, and hold nothing.
    template <class F>
    requires std::invocable<F&, std::int64_t, std::vector<stored_t<T>>>
    auto map_partitions_with_index(F f) const {
        using Results = std::invoke_result_t<F&, std::int64_t, std::vector<stored_t<T>>>;
        using Item = std::remove_cvref_t<decltype(*std::begin(std::declval<Results&>()))>;
        return make_dataset<Item>(
            plan().then_anew("map_partitions"),
            [push = push(), f, step = step("map_partitions")](std::int64_t partition, auto&& sink) {
                F run = f;
                std::vector<stored_t<T>> items;
                push(partition, [&](auto&& item) {
                    items.push_back(to_stored(std::forward<decltype(item)>(item)));
                });
                for (auto&& item : invoke_in(step, run, partition, std::move(items))) sink(item);
            });
    }
    template <std::invocable<std::vector<stored_t<T>>> F>
    auto map_partitions(F f) const {
        return map_partitions_with_index([f](std::int64_t, std::vector<stored_t<T>> items) mutable {
            return std::invoke(f, std::move(items));
        });
    }

    /// One element per partition: the vector of its elements.
    auto glom() const {
        return map_partitions([](std::vector<stored_t<T>> items) {
            std::vector<std::vector<stored_t<T>>> one;
            one.push_back(std::move(items));
            return one;
        });
    }

    /// Each element with probability `fraction`, independently: the size is approximate. The
    /// choice depends on the seed and the element's place (partition, position) only.
    auto sample(double fraction, std::uint64_t seed) const {
        check(fraction >= 0 && fraction <= 1, "sample: expected a fraction in [0, 1], got {}",
              fraction);
        return make_dataset<T>(plan().then("sample"), [push = push(), fraction, seed](
                                                          std::int64_t partition, auto&& sink) {
            RandomStream random(seed, static_cast<std::uint64_t>(partition));
            push(partition, [&](auto&& item) {
                if (random.uniform() < fraction) sink(std::forward<decltype(item)>(item));
            });
        });
    }

    /// Pairs (element, its position in the dataset). The elements are counted first, which runs
    /// the chain once more.
    auto zip_with_index() const { return partita::dataset::zip_with_index(self()); }

    /// Pairs (element, id): the i-th element of partition k of n gets i * n + k. Runs nothing.
    auto zip_with_unique_id() const {
        return make_dataset<std::pair<T, std::int64_t>>(
            plan().then_anew("zip_with_unique_id"),
            [push = push(), n = plan().partitions()](std::int64_t partition, auto&& sink) {
                std::int64_t id = partition;
                push(partition, [&](auto&& item) {
                    sink(std::pair<T, std::int64_t>(std::forward<decltype(item)>(item), id));
                    id += n;
                });
            });
    }

    /// Pairs (element, the other dataset's element at the same place). Both need as many
    /// partitions, and those as many elements; a difference in sizes fails when it is found. The
    /// other dataset's partition is held, packed, in scratch if need be.
    template <class Other>
    auto zip(Other const& other) const {
        return partita::dataset::zip(self(), other);
    }

    /// The elements of this dataset, then those of the other; duplicates stay (Spark: union).
    template <class Other>
    auto union_with(Other const& other) const {
        return union_of(self(), other);
    }

    /// The same elements in the same order in at most `partitions` partitions: neighbouring ones
    /// are joined. Fused; only a partition whose new neighbours another rank owns is sent there.
    auto coalesce(std::int64_t partitions) const {
        return partita::dataset::coalesce(self(), partitions);
    }

  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
    Plan const& plan() const { return self().plan(); }
    auto const& push() const { return self().push(); }
    Step step(char const* name) const { return plan().next_step(name); }

    template <class F>
    auto map_as(char const* name, F f) const {
        return make_dataset<result_of_t<F, T>>(
            plan().then_anew(name),
            [push = push(), f, step = step(name)](std::int64_t partition, auto&& sink) {
                F run = f;
                push(partition, [&](auto&& item) {
                    sink(invoke_in(step, run, std::forward<decltype(item)>(item)));
                });
            });
    }
};

}  // namespace partita::dataset
