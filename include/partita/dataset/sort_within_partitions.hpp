#pragma once

#include "partita/dataset/partition_by.hpp"
#include "partita/dataset/partition_sort.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// The partitions of an exchanged store, each sorted, stably. Collective.
template <class T, class Sorter>
std::shared_ptr<PieceStore> sort_each_partition(PieceStore const& routed, std::int64_t partitions,
                                                Sorter const& sorter, std::string_view name) {
    Context const& context = routed.context();
    auto result = std::make_shared<PieceStore>(context);
    collectively(context.comm(), name, [&] {
        for_each_local_partition(context, name, partitions, [&](std::int64_t partition) {
            PartitionSort<T, Sorter> sort(*result, partition, partition, sorter);
            routed.for_each_piece(partition, [&](auto bytes) { sort.add_packed(bytes); });
            sort.finish();
        });
        result->settle(context.local_partitions(partitions));
    });
    return result;
}

/// Pairs placed by a partitioner, each partition by ascending key, in one exchange.
template <class Input, class Partitioner, class Less>
auto repartition_and_sort_within_partitions(Input const& input, Partitioner partitioner,
                                            Less less) {
    using Item = stored_t<typename Input::Element>;
    constexpr std::string_view name = "repartition_and_sort_within_partitions";
    auto placement = Placement::by<typename Item::first_type>(partitioner);
    auto const partitions = static_cast<std::int64_t>(partitioner.num_partitions());
    return make_wide<Item>(
        input.plan(), name, partitions, std::move(placement),
        [input, partitioner = std::move(partitioner), less = std::move(less), partitions, name] {
            auto const routed = shuffle(
                input, partitions,
                [&](auto const& pair) { return checked_partition(partitioner, pair.first); }, name);
            auto const key = [](Item const& pair) -> auto const& { return pair.first; };
            ItemSorter<Item, decltype(key), Less> const sorter(key, less);
            return sort_each_partition<Item>(*routed, partitions, sorter, name);
        });
}

}  // namespace partita::dataset
