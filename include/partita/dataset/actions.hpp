#pragma once

#include "partita/dataset/collect.hpp"
#include "partita/dataset/count_approx_distinct.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/histogram.hpp"
#include "partita/dataset/partition_counts.hpp"
#include "partita/dataset/stats.hpp"
#include "partita/dataset/take.hpp"
#include "partita/dataset/take_sample.hpp"
#include "partita/dataset/tree_aggregate.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// What computes a dataset: Dataset's members for all elements. All are collective, and all but
/// for_each and collect_local give the same result on every rank. Partial results are combined in
/// the order of partitions, so functions need to be associative but not commutative, and sums of
/// floating-point numbers depend on the partitions alone, not on ranks and threads.
template <class Self, class T>
class Actions {
    using Owned = stored_t<T>;

  public:
    /// All elements in order, on every rank (Spark: on the driver).
    /// @throws CollectiveError when they exceed what a rank may keep.
    std::vector<Owned> collect() const { return collect_everywhere(self()); }

    /// The elements of this rank's partitions, in order.
    std::vector<Owned> collect_local() const { return dataset::collect_local(self()); }

    std::int64_t count() const {
        auto const counts = partition_counts(self(), "count");
        return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    }

    bool is_empty() const { return take(1).empty(); }

    /// The first n elements, in order. Runs few partitions at first, then more until n are found.
    std::vector<Owned> take(std::int64_t n) const { return take_first(self(), n); }

    /// The first element. @throws CollectiveError when there is none.
    Owned first() const {
        auto found = take(1);
        check_not_empty(!found.empty(), "first");
        return std::move(found.front());
    }

    /// f(f(a, b), c)...: f must be associative. @throws CollectiveError on an empty dataset.
    template <class F>
    requires std::is_invocable_r_v<Owned, F&, Owned, Owned> Owned reduce(F f)
    const {
        auto partial = gather("reduce", [&](std::int64_t partition) {
            F run = f;
            std::optional<Owned> sum;
            self().push()(partition, [&](auto&& item) {
                if (sum)
                    sum = run(std::move(*sum), to_stored(std::forward<decltype(item)>(item)));
                else
                    sum.emplace(to_stored(std::forward<decltype(item)>(item)));
            });
            return sum;
        });
        return collectively(comm(), plan().then("reduce").lineage, [&] {
            std::optional<Owned> all;
            for (auto& one : partial) {
                if (!one) continue;
                all = all ? f(std::move(*all), std::move(*one)) : std::move(*one);
            }
            check(all.has_value(), "expected at least one element, got an empty dataset");
            return std::move(*all);
        });
    }

    /// add(accumulator, element) folds each partition from a copy of `zero`; merge(a, b) joins
    /// those in the order of partitions, from one more copy. So `zero` must be neutral.
    template <class A, class Add, class Merge>
    A aggregate(A zero, Add add, Merge merge) const {
        auto partial = gather("aggregate", [&](std::int64_t partition) {
            Add run = add;
            A sum = zero;
            self().push()(partition, [&](auto&& item) {
                sum = run(std::move(sum), std::forward<decltype(item)>(item));
            });
            return sum;
        });
        return collectively(comm(), plan().then("aggregate").lineage, [&] {
            A all = zero;
            for (A& one : partial) all = merge(std::move(all), std::move(one));
            return all;
        });
    }

    /// aggregate with one function for both (Spark: fold).
    template <class F>
    Owned fold(Owned zero, F f) const {
        return aggregate(std::move(zero), f, f);
    }

    /// aggregate for accumulators that are large (Spark: treeAggregate): partitions' results are
    /// merged in rounds, each where they lie, until about P^(1/depth) are left for every rank.
    /// Same order as aggregate; functions may be called differently often, and must be associative.
    template <class A, class Add, class Merge>
    A tree_aggregate(A zero, Add add, Merge merge, int depth = 2) const {
        return dataset::tree_aggregate(self(), std::move(zero), std::move(add), std::move(merge),
                                       depth);
    }
    /// reduce for elements that are large (Spark: treeReduce). @throws CollectiveError when empty.
    template <class F>
    requires std::is_invocable_r_v<Owned, F&, Owned, Owned> Owned tree_reduce(F f, int depth = 2)
    const {
        auto all = dataset::tree_reduce(self(), std::move(f), depth);
        check_not_empty(all.has_value(), "tree_reduce");
        return std::move(*all);
    }

    /// The sum; 0 when empty. Integers add up as std::int64_t or std::uint64_t, floating-point
    /// numbers as double.
    auto sum() const requires std::is_arithmetic_v<T> {
        using Sum = std::conditional_t<
            std::is_floating_point_v<T>, double,
            std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>;
        return aggregate(
            Sum{0}, [](Sum sum, T value) { return sum + static_cast<Sum>(value); },
            std::plus<Sum>{});
    }

    /// Count, mean, variance and extremes in one pass.
    Stats stats() const requires std::is_arithmetic_v<T> {
        return aggregate(
            Stats{},
            [](Stats stats, T value) {
                stats.add(static_cast<double>(value));
                return stats;
            },
            [](Stats a, Stats const& b) {
                a.merge(b);
                return a;
            });
    }
    /// @throws CollectiveError when empty.
    double mean() const requires std::is_arithmetic_v<T> {
        Stats const found = stats();
        check_not_empty(found.count > 0, "mean");
        return found.mean;
    }

    /// How many elements lie in [bounds[i], bounds[i + 1]), the last interval with its end; as in
    /// Spark others and NaNs are left out. Compared as doubles.
    std::vector<std::int64_t> histogram(
        std::vector<double> bounds) const requires std::is_arithmetic_v<T> {
        return dataset::histogram(self(), std::move(bounds)).counts;
    }
    /// `buckets` intervals of one width from the least to the greatest element; a single one when
    /// these are equal. Runs twice. @throws CollectiveError when empty or not all are finite.
    Histogram histogram(std::int64_t buckets) const requires std::is_arithmetic_v<T> {
        check(buckets >= 1, "histogram: expected at least 1 bucket, got {}", buckets);
        Stats const found = stats();
        if (!std::isfinite(found.mean) || !std::isfinite(found.max - found.min))
            throw CollectiveError(plan().then("histogram").lineage +
                                  ": expected finite elements, at least one");
        return dataset::histogram(self(), even_bounds(found.min, found.max, buckets));
    }

    /// About how many different elements there are (Spark: countApproxDistinct, with another
    /// estimator): see HyperLogLog. `relative_error` is the standard error; the memory is
    /// (1.04 / relative_error)^2 bytes per thread. The same for any number of ranks.
    std::int64_t count_approx_distinct(double relative_error = 0.05) const requires Hashable<T> {
        return dataset::count_approx_distinct(self(), relative_error);
    }

    /// The least element by `less`, the first of equal ones. @throws CollectiveError when empty.
    template <class Less = std::less<>>
    Owned min(Less less = {}) const {
        return reduce([less](Owned a, Owned b) { return less(b, a) ? b : a; });
    }
    /// The greatest element by `less`, the first of equal ones. @throws CollectiveError when empty.
    template <class Less = std::less<>>
    Owned max(Less less = {}) const {
        return reduce([less](Owned a, Owned b) { return less(a, b) ? b : a; });
    }

    /// The n least elements by `less`, ascending; equal ones in the dataset's order.
    template <class Less = std::less<>>
    std::vector<Owned> take_ordered(std::int64_t n, Less less = {}) const {
        return dataset::take_ordered(self(), n, less);
    }
    /// The n greatest elements, descending; equal ones in the dataset's order.
    template <class Less = std::less<>>
    std::vector<Owned> top(std::int64_t n, Less less = {}) const {
        return take_ordered(n, [less](auto const& a, auto const& b) { return less(b, a); });
    }

    /// Exactly n elements at random (fewer only if there are fewer and none may come twice), in
    /// random order, on every rank. The choice depends on the seed and the partitions. Without
    /// replacement runs once (Spark: once or more often), with it twice.
    std::vector<Owned> take_sample(bool with_replacement, std::int64_t n,
                                   std::uint64_t seed) const {
        return dataset::take_sample(self(), with_replacement, n, seed);
    }

    /// f(element) for each element on its rank, for what it does.
    template <std::invocable<T const&> F>
    void for_each(F f) const {
        run_partitions(plan(), "for_each", [&](std::int64_t partition) {
            F run = f;
            self().push()(partition, [&](auto&& item) { std::invoke(run, std::as_const(item)); });
        });
    }
    /// f(partition, elements) for each partition on its rank.
    template <class F>
    requires std::invocable<F&, std::int64_t, std::vector<Owned>>
    void for_each_partition(F f) const {
        run_partitions(plan(), "for_each_partition", [&](std::int64_t partition) {
            F run = f;
            std::vector<Owned> items;
            self().push()(partition, [&](auto&& item) {
                items.push_back(to_stored(std::forward<decltype(item)>(item)));
            });
            std::invoke(run, partition, std::move(items));
        });
    }

  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
    Plan const& plan() const { return self().plan(); }
    Communicator const& comm() const { return plan().context.comm(); }

    /// Every partition's result, by partition.
    template <class Work>
    auto gather(std::string_view operation, Work const& work) const {
        return gather_partitions(plan(), run_partitions(plan(), operation, work));
    }
    void check_not_empty(bool ok, std::string_view operation) const {
        if (!ok)
            throw CollectiveError(plan().then(operation).lineage +
                                  ": expected at least one element, got an empty dataset");
    }
};

}  // namespace partita::dataset
