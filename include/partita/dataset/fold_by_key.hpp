#pragma once

#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/map_side_fold.hpp"
#include "partita/dataset/partition_fold.hpp"
#include "partita/dataset/partitioner.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// The three functions of a fold by key, as Spark's combineByKey has them.
///
/// create(value) makes a key's accumulator from its first value, add(accumulated, value) takes
/// another, merge(accumulated, accumulated) joins two, the earlier one first.
template <class Create, class Add, class Merge>
struct FoldFunctions {
    Create create;
    Add add;
    Merge merge;
};

/// What a fold by key results in, built in a store.
template <class Input, class Value, class Functions>
class FoldByKey {
    using Key = typename stored_t<typename Input::Element>::first_type;
    using Item = std::pair<Key, Value>;

  public:
    FoldByKey(Input input, Functions functions, std::string_view name)
        : input_(std::move(input)), functions_(std::move(functions)), name_(name) {}

    /// Pairs are where they belong: fold each partition by itself.
    std::shared_ptr<PieceStore> fold_in_place() const {
        auto result = std::make_shared<PieceStore>(input_.context());
        run_partitions(input_.plan(), name_, [&](std::int64_t partition) {
            Functions run = functions_;
            PartitionFold<Key, Value, decltype(run.merge)> fold(*result, partition, run.merge);
            input_.push()(partition, [&](auto&& pair) {
                auto&& [key, value] = pair;
                fold.fold(
                    key, key_hash(key), [&] { return Value(run.create(value)); },
                    [&](Value& sum) { sum = run.add(std::move(sum), value); });
            });
            fold.finish();
        });
        settle(*result, input_.num_partitions());
        return result;
    }

    /// Fold what may be folded before the exchange, exchange, and fold the rest.
    template <class Partitioner>
    std::shared_ptr<PieceStore> exchange_and_fold(Partitioner const& partitioner,
                                                  bool map_side) const {
        PieceStore shuffled(input_.context());
        run_map_stage(input_.plan(), name_, [&](std::int64_t source) {
            MapSideFold<Key, Value, Partitioner, Functions> fold(shuffled, source, partitioner,
                                                                 functions_, map_side);
            input_.push()(source, [&](auto&& pair) {
                auto&& [key, value] = pair;
                fold.add(key, value);
            });
            fold.finish();
        });
        auto const partitions = static_cast<std::int64_t>(partitioner.num_partitions());
        shuffled.exchange(partitions, name_);
        return fold_exchanged(shuffled, partitions);
    }

  private:
    std::shared_ptr<PieceStore> fold_exchanged(PieceStore const& shuffled,
                                               std::int64_t partitions) const {
        Context const& context = input_.context();
        auto result = std::make_shared<PieceStore>(context);
        collectively(context.comm(), name_, [&] {
            for_each_local_partition(context, name_, partitions, [&](std::int64_t partition) {
                Functions run = functions_;
                PartitionFold<Key, Value, decltype(run.merge)> fold(*result, partition, run.merge);
                shuffled.for_each_piece(partition, [&](auto bytes) { fold.add_packed(bytes); });
                fold.finish();
            });
        });
        settle(*result, partitions);
        return result;
    }

    void settle(PieceStore& result, std::int64_t partitions) const {
        Context const& context = input_.context();
        collectively(context.comm(), name_,
                     [&] { result.settle(context.local_partitions(partitions)); });
    }

    Input input_;
    Functions functions_;
    std::string name_;
};

/// combine_by_key with a partitioner. Pairs that are placed by an equal one stay where they are.
template <class Value, class Input, class Functions, class Partitioner>
auto fold_by_key(Input const& input, Functions functions, Partitioner partitioner,
                 std::string_view name, bool map_side = true) {
    using Key = typename stored_t<typename Input::Element>::first_type;
    auto placement = Placement::by<Key>(partitioner);
    auto const partitions = static_cast<std::int64_t>(partitioner.num_partitions());
    bool const placed = placement == input.placement() && input.plan().runs.size() == 1;
    FoldByKey<Input, Value, Functions> fold(input, std::move(functions), name);
    std::string movement = placed ? exchanges_nothing : "folded, then " + movement_to(placement);
    return make_wide<std::pair<Key, Value>>(
        input.plan(), name, partitions, std::move(placement),
        [fold = std::move(fold), partitioner = std::move(partitioner), placed, map_side] {
            return placed ? fold.fold_in_place() : fold.exchange_and_fold(partitioner, map_side);
        },
        std::move(movement));
}

/// combine_by_key without a partitioner: the one by which pairs are placed, or a hash.
template <class Value, class Input, class Functions>
auto fold_by_key(Input const& input, Functions functions, std::string_view name) {
    using Key = typename stored_t<typename Input::Element>::first_type;
    if (!input.placement() || input.plan().runs.size() != 1)
        return fold_by_key<Value>(input, std::move(functions),
                                  HashPartitioner(input.context().default_partitions()), name);
    FoldByKey<Input, Value, Functions> fold(input, std::move(functions), name);
    return make_wide<std::pair<Key, Value>>(
        input.plan(), name, input.num_partitions(), input.placement(),
        [fold = std::move(fold)] { return fold.fold_in_place(); }, exchanges_nothing);
}

}  // namespace partita::dataset
