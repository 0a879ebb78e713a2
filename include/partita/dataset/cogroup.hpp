#pragma once

#include "partita/dataset/group_by_key.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_by.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A value of one of several datasets: that one's is there.
template <class... V>
using SideValue = std::tuple<std::optional<V>...>;

/// The placement that a join uses: the first that one of the sides has already, or a hash.
template <class First, class... Others>
std::pair<Placement, std::int64_t> common_placement(First const& first, Others const&... others) {
    using Key = typename stored_t<typename First::Element>::first_type;
    std::pair<Placement, std::int64_t> found{{}, first.context().default_partitions()};
    auto const look_at = [&](Plan const& plan) {
        if (!found.first && plan.placement && plan.runs.size() == 1)
            found = {plan.placement, plan.partitions()};
    };
    look_at(first.plan());
    (look_at(others.plan()), ...);
    if (!found.first) found.first = Placement::by<Key>(HashPartitioner(found.second));
    return found;
}

/// The pairs of datasets with the same partitions as one: those of the first, then the next.
template <class... Sides>
auto side_by_side(Sides const&... sides) {
    using Key = std::common_type_t<typename Sides::Element::first_type...>;
    using Value = SideValue<typename Sides::Element::second_type...>;
    using Item = std::pair<Key, Value>;
    return make_dataset<Item>(
        joined_plan({&sides.plan()...}),
        [pushes = std::tuple(sides.push()...)](std::int64_t partition, auto&& sink) {
            auto const push_side = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
                std::get<I>(pushes)(partition, [&](auto&& pair) {
                    Item item(pair.first, Value());
                    std::get<I>(item.second).emplace(pair.second);
                    sink(std::move(item));
                });
            };
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                (push_side(std::integral_constant<std::size_t, I>()), ...);
            }
            (std::index_sequence_for<Sides...>());
        });
}

/// For each key of any of the datasets, its values of the first, then of the second and so on, as
/// one stream. Sides that are placed alike exchange nothing.
template <class First, class... Others>
auto cogroup_sides(std::string_view name, First const& first, Others const&... others) {
    using Key = typename stored_t<typename First::Element>::first_type;
    static_assert(
        (std::is_same_v<Key, typename stored_t<typename Others::Element>::first_type> && ...),
        "expected datasets with the same keys");
    auto const [placement, partitions] = common_placement(first, others...);
    return group_placed(side_by_side(place(first, placement, partitions, name),
                                     place(others, placement, partitions, name)...),
                        name);
}

/// A key's values of one of several datasets, in order: an input range, to be gone through once,
/// and before those of later datasets.
template <std::size_t I, class... V>
class SideValues {
    using Stream = GroupValues<SideValue<V...>>;

  public:
    explicit SideValues(Stream& stream) : stream_(&stream) {}

    class Iterator {
      public:
        using value_type = std::tuple_element_t<I, std::tuple<V...>>;
        using difference_type = std::int64_t;
        using iterator_category = std::input_iterator_tag;
        using reference = value_type const&;
        using pointer = value_type const*;

        explicit Iterator(Stream* stream) : stream_(stream) {}
        reference operator*() const { return *std::get<I>(stream_->value()); }
        pointer operator->() const { return &**this; }
        Iterator& operator++() {
            stream_->skip();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(Iterator const& a, std::default_sentinel_t) {
            return a.stream_->left() == 0 || !std::get<I>(a.stream_->value());
        }

      private:
        Stream* stream_;
    };

    Iterator begin() {
        while (stream_->left() > 0 && is_before(std::make_index_sequence<I>())) stream_->skip();
        return Iterator(stream_);
    }
    std::default_sentinel_t end() const { return {}; }

  private:
    /// Whether the stream is at a value of an earlier dataset.
    template <std::size_t... Earlier>
    bool is_before(std::index_sequence<Earlier...>) const {
        return (std::get<Earlier>(stream_->value()).has_value() || ... || false);
    }

    Stream* stream_;
};

/// A key with its values of each dataset: what cogroup pushes. A view: collected or exchanged it
/// becomes std::pair(key, std::tuple of vectors).
template <class K, class... V>
struct CoGroup {
    K key;
    GroupValues<SideValue<V...>>* stream;

    /// The values of the I-th dataset, which may exceed memory: read those of lower I first.
    template <std::size_t I>
    SideValues<I, V...> values() const {
        return SideValues<I, V...>(*stream);
    }

    /// All values as vectors, for keys whose values are known to be few.
    std::tuple<std::vector<V>...> to_vector() const {
        std::tuple<std::vector<V>...> all;
        [&]<std::size_t... I>(std::index_sequence<I...>) { (append<I>(std::get<I>(all)), ...); }
        (std::index_sequence_for<V...>());
        return all;
    }

  private:
    template <std::size_t I, class Values>
    void append(Values& all) const {
        for (auto const& value : values<I>()) all.push_back(value);
    }
};

template <class K, class... V>
struct Stored<CoGroup<K, V...>> {
    using type = std::pair<K, std::tuple<std::vector<V>...>>;
};

template <class First, class... Others>
auto cogroup(First const& first, Others const&... others) {
    using Result = CoGroup<typename stored_t<typename First::Element>::first_type,
                           typename stored_t<typename First::Element>::second_type,
                           typename stored_t<typename Others::Element>::second_type...>;
    auto const groups = cogroup_sides("cogroup", first, others...);
    return make_dataset<Result>(
        groups.plan(), [push = groups.push()](std::int64_t partition, auto&& sink) {
            push(partition, [&](auto const& group) { sink(Result{group.key, group.stream}); });
        });
}

}  // namespace partita::dataset
