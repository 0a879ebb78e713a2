#pragma once

#include "partita/core/random.hpp"
#include "partita/dataset/fold_by_key.hpp"
#include "partita/dataset/group_by_key.hpp"
#include "partita/dataset/join.hpp"
#include "partita/dataset/lookup.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_by.hpp"
#include "partita/dataset/sort_by.hpp"
#include "partita/dataset/sort_within_keys.hpp"
#include "partita/dataset/sort_within_partitions.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

template <class T>
struct IsPair : std::false_type {
    using Value = T;  // names something in declarations that are never used
};
template <class K, class V>
struct IsPair<std::pair<K, V>> : std::true_type {
    using Value = stored_t<V>;
};

/// Elements that the operations by key take: std::pair(key, value).
template <class T>
concept PairLike = IsPair<T>::value;

/// Pairs whose keys can be spread by their hash.
template <class T>
concept KeyedPair = PairLike<T> && Hashable<typename T::first_type> &&
    std::equality_comparable<stored_t<typename T::first_type>>;

/// Operations on pairs (key, value): Dataset's members where elements are pairs. Wide ones spread
/// keys by hash over the default number of partitions, if no partitioner (or number) is given and
/// the pairs are not placed already; pairs that are placed are not exchanged again. Keys of a
/// result come, in each partition, in the order of their first appearance.
template <class Self, class T>
class PairOperations {
    using ValueOf = typename IsPair<T>::Value;

  public:
    /// (key, f(value)): keeps the placement.
    template <class F>
    auto map_values(
        F f) const requires PairLike<T> && std::invocable<F&, typename T::second_type const&> {
        using Key = typename T::first_type;
        using Value = std::remove_cvref_t<std::invoke_result_t<F&, typename T::second_type const&>>;
        return make_dataset<std::pair<Key, Value>>(
            plan().then("map_values"), [push = push(), f, step = plan().next_step("map_values")](
                                           std::int64_t partition, auto&& sink) {
                F run = f;
                push(partition, [&](auto&& pair) {
                    sink(std::pair<Key, Value>(
                        std::forward<decltype(pair)>(pair).first,
                        invoke_in(step, run, std::forward<decltype(pair)>(pair).second)));
                });
            });
    }

    /// (key, v) for each v of the range f(value): keeps the placement.
    template <class F>
    auto flat_map_values(
        F f) const requires PairLike<T> && std::invocable<F&, typename T::second_type const&> {
        using Key = typename T::first_type;
        using Values = std::invoke_result_t<F&, typename T::second_type const&>;
        using Value = std::remove_cvref_t<decltype(*std::begin(std::declval<Values&>()))>;
        return make_dataset<std::pair<Key, Value>>(
            plan().then("flat_map_values"),
            [push = push(), f, step = plan().next_step("flat_map_values")](std::int64_t partition,
                                                                           auto&& sink) {
                F run = f;
                push(partition, [&](auto const& pair) {
                    for (auto&& value : invoke_in(step, run, pair.second))
                        sink(std::pair<Key, Value>(pair.first, value));
                });
            });
    }

    auto keys() const requires PairLike<T> {
        return self().map([](T const& pair) -> auto const& { return pair.first; });
    }
    auto values() const requires PairLike<T> {
        return self().map([](T const& pair) -> auto const& { return pair.second; });
    }

    /// The pairs, placed by a partitioner (or by hash over a number of partitions); each partition
    /// in the order of the dataset.
    template <class Partitioner>
    auto partition_by(Partitioner partitioner) const requires KeyedPair<T> {
        return dataset::partition_by(self(), partitioner_from(std::move(partitioner)));
    }

    /// partition_by with each partition sorted by key (or by `less` of keys), stably, in the same
    /// exchange. Sorted values within keys: let the key be (key, value), and the partitioner look
    /// at the first.
    template <class Partitioner, class Less = std::less<>>
    auto repartition_and_sort_within_partitions(Partitioner partitioner,
                                                Less less = {}) const requires KeyedPair<T> {
        return dataset::repartition_and_sort_within_partitions(
            self(), partitioner_from(std::move(partitioner)), std::move(less));
    }

    /// Each pair with the probability fraction(key), independently (Spark: sampleByKey without
    /// replacement): sizes are approximate. Keeps the placement; the choice depends on the seed and
    /// the pair's place (partition, position) only.
    template <class F>
    auto sample_by_key(F fraction, std::uint64_t seed) const requires PairLike<T> &&
        std::is_invocable_r_v<double, F&, typename T::first_type const&> {
        return make_dataset<T>(
            plan().then("sample_by_key"),
            [push = push(), fraction, seed, step = plan().next_step("sample_by_key")](
                std::int64_t partition, auto&& sink) {
                F run = fraction;
                RandomStream random(seed, static_cast<std::uint64_t>(partition));
                push(partition, [&](auto&& pair) {
                    double const chance = invoke_in(step, run, std::as_const(pair).first);
                    if (random.uniform() < chance) sink(std::forward<decltype(pair)>(pair));
                });
            });
    }

    /// One value per key: create(value) makes a key's accumulator from its first value,
    /// add(accumulator, value) takes the next, merge(a, b) joins two, the earlier first.
    template <class Create, class Add, class Merge, class... Partitioner>
    auto combine_by_key(Create create, Add add, Merge merge,
                        Partitioner... partitioner) const requires KeyedPair<T> &&
        (sizeof...(Partitioner) <= 1) {
        using Value = std::remove_cvref_t<std::invoke_result_t<Create&, ValueOf>>;
        return dataset::fold_by_key<Value>(self(), FoldFunctions{create, add, merge},
                                           partitioner_from(std::move(partitioner))...,
                                           "combine_by_key");
    }

    /// f(f(a, b), c)... over each key's values in order; f must be associative.
    template <class F, class... Partitioner>
    auto reduce_by_key(F f, Partitioner... partitioner) const requires KeyedPair<T> &&
        std::is_invocable_r_v<ValueOf, F&, ValueOf, ValueOf> &&(sizeof...(Partitioner) <= 1) {
        auto const create = [](auto&& value) {
            return ValueOf(std::forward<decltype(value)>(value));
        };
        return dataset::fold_by_key<ValueOf>(self(), FoldFunctions{create, f, f},
                                             partitioner_from(std::move(partitioner))...,
                                             "reduce_by_key");
    }

    /// add(a, value) folds a key's values of one partition from `zero`; merge joins partitions.
    /// `zero` must be neutral, for how often it is used is open.
    template <class A, class Add, class Merge, class... Partitioner>
    auto aggregate_by_key(A zero, Add add, Merge merge,
                          Partitioner... partitioner) const requires KeyedPair<T> &&
        (sizeof...(Partitioner) <= 1) {
        auto const create = [zero, add](auto&& value) mutable {
            return A(add(A(zero), std::forward<decltype(value)>(value)));
        };
        return dataset::fold_by_key<A>(self(), FoldFunctions{create, add, merge},
                                       partitioner_from(std::move(partitioner))...,
                                       "aggregate_by_key");
    }

    /// aggregate_by_key with one function for both.
    template <class F, class... Partitioner>
    auto fold_by_key(ValueOf zero, F f, Partitioner... partitioner) const requires KeyedPair<T> &&
        (sizeof...(Partitioner) <= 1) {
        return aggregate_by_key(std::move(zero), f, f, std::move(partitioner)...);
    }

    /// A Group for each key: the key and its values in order, as a stream that may exceed memory.
    /// Collecting makes pairs (key, vector). To fold values, reduce_by_key and aggregate_by_key
    /// exchange far less.
    template <class... Partitioner>
    auto group_by_key(Partitioner... partitioner) const requires KeyedPair<T> &&
        (sizeof...(Partitioner) <= 1) {
        if constexpr (sizeof...(Partitioner) == 0) {
            return dataset::group_by_key(self());
        } else {
            auto const by = partitioner_from(std::move(partitioner)...);
            return dataset::group_by_key(self(),
                                         Placement::by<stored_t<typename T::first_type>>(by),
                                         static_cast<std::int64_t>(by.num_partitions()));
        }
    }

    /// (key, number of its pairs), as a dataset. Spark's countByKey gathers a map on the driver.
    auto count_by_key() const requires KeyedPair<T> {
        return self()
            .map_values([](auto const&) { return std::int64_t{1}; })
            .reduce_by_key(std::plus<>{});
    }

    /// A CoGroup for each key of this dataset or of the others (one or more): the key and its
    /// values of each, as streams that may exceed memory. Collecting makes pairs (key, tuple of
    /// vectors).
    template <class... Others>
    auto cogroup(Others const&... others) const requires KeyedPair<T> &&(sizeof...(Others) >= 1) {
        return dataset::cogroup(self(), others...);
    }

    /// (key, (left value, right value)) for every combination of a key's values; keys in the order
    /// of first appearance (the left dataset's first), then the right values' order, then the
    /// left's. A heavy key's left values go to scratch; they are read again for each right value.
    template <class Other>
    auto join(Other const& other) const requires KeyedPair<T> {
        return dataset::join(self(), other);
    }
    /// join that keeps left pairs without a partner: (key, (value, optional)).
    template <class Other>
    auto left_outer_join(Other const& other) const requires KeyedPair<T> {
        return dataset::left_outer_join(self(), other);
    }
    /// join that keeps right pairs without a partner: (key, (optional, value)).
    template <class Other>
    auto right_outer_join(Other const& other) const requires KeyedPair<T> {
        return dataset::right_outer_join(self(), other);
    }
    /// join that keeps both sides' pairs without a partner: (key, (optional, optional)).
    template <class Other>
    auto full_outer_join(Other const& other) const requires KeyedPair<T> {
        return dataset::full_outer_join(self(), other);
    }
    /// The pairs whose keys the other dataset of pairs lacks.
    template <class Other>
    auto subtract_by_key(Other const& other) const requires KeyedPair<T> {
        return dataset::subtract_by_key(self(), other);
    }

    /// The pairs by ascending key (or by `less`), stable. Equal keys may span partitions and ranks,
    /// so that a heavy key is no burden; Spark's sortByKey keeps them together.
    template <class Less = std::less<>>
    auto sort_by_key(Less less = {}, std::int64_t partitions = 0) const requires PairLike<T> {
        return dataset::sort_by(self(), FirstOfItem{}, std::move(less), partitions, "sort_by_key");
    }

    /// The values of one key in order, on every rank. Collective. Pairs that are placed: only the
    /// key's partition runs.
    std::vector<ValueOf> lookup(auto const& key) const requires KeyedPair<T> {
        return dataset::lookup(self(), typename stored_t<T>::first_type(key));
    }

    /// The pairs as a map on every rank; of a key's values the last one in order stays. Collective.
    /// @throws CollectiveError when they exceed what a rank may keep.
    auto collect_as_map() const requires KeyedPair<T> {
        auto pairs = self().collect();
        return collectively(self().context().comm(), "collect_as_map", [&] {
            KeyMap<typename stored_t<T>::first_type, ValueOf> map;
            for (auto& [key, value] : pairs) map.insert_or_assign(key, std::move(value));
            return map;
        });
    }

    /// The pairs by key and, within each key, by value, as RowInKey: with the row's position in its
    /// key. Keys and values compare as OrderedBytes does (text by its bytes, NaN last). A key with
    /// most of the rows is spread over all ranks.
    auto sort_within_keys(SortWithinKeysOptions const& options = {}) const requires PairLike<T> {
        check(options.order == ValueOrder::ascending || options.order == ValueOrder::descending,
              "sort_within_keys: expected ascending or descending; rank_within_keys sorts by "
              "frequency");
        return SortWithinKeys<Self>(self(), options).by_value();
    }

    /// The pairs by key and, within each key, by how often the value occurs in it (most often first
    /// unless the options say otherwise; ties by value), as RankedRow: with the count, the row's
    /// position in its key and the value's rank.
    auto rank_within_keys(SortWithinKeysOptions const& options = {
                              .order = ValueOrder::most_frequent}) const requires PairLike<T> {
        check(options.order == ValueOrder::most_frequent ||
                  options.order == ValueOrder::least_frequent,
              "rank_within_keys: expected most_frequent or least_frequent; sort_within_keys sorts "
              "by value");
        return SortWithinKeys<Self>(self(), options).by_frequency();
    }

  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
    Plan const& plan() const { return self().plan(); }
    auto const& push() const { return self().push(); }
};

}  // namespace partita::dataset
