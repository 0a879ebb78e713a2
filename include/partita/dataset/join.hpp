#pragma once

#include "partita/dataset/cogroup.hpp"
#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A value of the left or of the right dataset, or both: what a full outer join gives.
template <class V, class W>
using EitherValue = std::pair<std::optional<V>, std::optional<W>>;

/// A key's values of the left dataset, kept while those of the right one pass: in memory while they
/// are few, in a store (and so in scratch if need be) when they are many.
template <class V>
class KeptValues {
  public:
    explicit KeptValues(Context const& context)
        : context_(context),
          most_bytes_(context.memory().working_limit() / context.threads() / 8) {}

    void add(V value) {
        bytes_ += static_cast<std::int64_t>(sizeof(V)) + Codec<V>::size(value);
        if (store_)
            writer_->add(value);
        else
            values_.push_back(std::move(value));
        if (!store_ && bytes_ > most_bytes_) move_to_store();
    }
    void finish() {
        if (!store_) return;
        writer_->flush();
        store_->settle({0, 1});
    }
    bool empty() const { return bytes_ == 0; }
    template <class Visit>
    void for_each(Visit&& visit) const {
        if (store_) {
            for (ItemCursor<V> cursor(*store_, 0); !cursor.at_end(); cursor.next())
                visit(cursor.item());
        } else {
            for (V const& value : values_) visit(value);
        }
    }

  private:
    void move_to_store() {
        store_ = std::make_unique<PieceStore>(context_);
        writer_.emplace(*store_, 0, 0, writer_chunk_bytes(context_));
        for (V const& value : values_) writer_->add(value);
        values_ = {};
    }

    Context const& context_;
    std::int64_t most_bytes_, bytes_ = 0;
    std::vector<V> values_;
    std::unique_ptr<PieceStore> store_;
    std::optional<PartitionAppender<V>> writer_;
};

/// Walks through the groups of two datasets: pairs(key, left, right) for each combination,
/// left_alone(key, left) and right_alone(key, right) for keys that one side lacks.
template <class Left, class Right, class Out, class Pairs, class LeftAlone, class RightAlone>
auto join_with(Left const& left, Right const& right, std::string_view name, Pairs pairs,
               LeftAlone left_alone, RightAlone right_alone) {
    using V = typename stored_t<typename Left::Element>::second_type;
    auto const groups = cogroup_sides(name, left, right);
    return make_dataset<Out>(
        groups.plan(), [push = groups.push(), context = left.context(), pairs, left_alone,
                        right_alone](std::int64_t partition, auto&& sink) {
            push(partition, [&](auto const& group) {
                KeptValues<V> kept(context);
                bool right_seen = false;
                for (auto const& [left_value, right_value] : group.values()) {
                    if (left_value) {
                        kept.add(*left_value);
                        continue;
                    }
                    if (!std::exchange(right_seen, true)) kept.finish();
                    if (kept.empty()) right_alone(group.key, *right_value, sink);
                    auto const& w = *right_value;
                    kept.for_each([&](V const& v) { pairs(group.key, v, w, sink); });
                }
                if (right_seen) return;
                kept.finish();
                kept.for_each([&](V const& v) { left_alone(group.key, v, sink); });
            });
        });
}

inline constexpr auto nothing_alone = [](auto const&, auto const&, auto&&) {};

template <class Left, class Right>
auto join(Left const& left, Right const& right) {
    using K = typename stored_t<typename Left::Element>::first_type;
    using Out = std::pair<K, std::pair<typename stored_t<typename Left::Element>::second_type,
                                       typename stored_t<typename Right::Element>::second_type>>;
    return join_with<Left, Right, Out>(
        left, right, "join",
        [](K const& key, auto const& v, auto const& w, auto&& sink) {
            sink(Out(key, {v, w}));
        },
        nothing_alone, nothing_alone);
}

template <class Left, class Right>
auto left_outer_join(Left const& left, Right const& right) {
    using K = typename stored_t<typename Left::Element>::first_type;
    using W = typename stored_t<typename Right::Element>::second_type;
    using Out = std::pair<
        K, std::pair<typename stored_t<typename Left::Element>::second_type, std::optional<W>>>;
    return join_with<Left, Right, Out>(
        left, right, "left_outer_join",
        [](K const& key, auto const& v, auto const& w, auto&& sink) {
            sink(Out(key, {v, w}));
        },
        [](K const& key, auto const& v, auto&& sink) {
            sink(Out(key, {v, std::nullopt}));
        },
        nothing_alone);
}

template <class Left, class Right>
auto full_outer_join(Left const& left, Right const& right) {
    using K = typename stored_t<typename Left::Element>::first_type;
    using V = typename stored_t<typename Left::Element>::second_type;
    using W = typename stored_t<typename Right::Element>::second_type;
    using Out = std::pair<K, EitherValue<V, W>>;
    return join_with<Left, Right, Out>(
        left, right, "full_outer_join",
        [](K const& key, V const& v, W const& w, auto&& sink) {
            sink(Out(key, {v, w}));
        },
        [](K const& key, V const& v, auto&& sink) {
            sink(Out(key, {v, std::nullopt}));
        },
        [](K const& key, W const& w, auto&& sink) {
            sink(Out(key, {std::nullopt, w}));
        });
}

template <class Left, class Right>
auto right_outer_join(Left const& left, Right const& right) {
    using K = typename stored_t<typename Left::Element>::first_type;
    using V = typename stored_t<typename Left::Element>::second_type;
    using W = typename stored_t<typename Right::Element>::second_type;
    using Out = std::pair<K, std::pair<std::optional<V>, W>>;
    return join_with<Left, Right, Out>(
        left, right, "right_outer_join",
        [](K const& key, V const& v, W const& w, auto&& sink) {
            sink(Out(key, {v, w}));
        },
        nothing_alone,
        [](K const& key, W const& w, auto&& sink) {
            sink(Out(key, {std::nullopt, w}));
        });
}

/// The left pairs whose keys the right dataset lacks.
template <class Left, class Right>
auto subtract_by_key(Left const& left, Right const& right) {
    using Out = stored_t<typename Left::Element>;
    auto const none = [](auto const&...) {};
    return join_with<Left, Right, Out>(
        left, right, "subtract_by_key", none,
        [](auto const& key, auto const& v, auto&& sink) { sink(Out(key, v)); }, nothing_alone);
}

}  // namespace partita::dataset
