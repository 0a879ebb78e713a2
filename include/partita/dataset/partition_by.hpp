#pragma once

#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/partitioner.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace partita::dataset {

/// A partitioner as given, or a number of partitions for a HashPartitioner.
template <class Given>
auto partitioner_from(Given given) {
    if constexpr (std::integral<Given>) {
        check(given >= 1, "expected at least 1 partition, got {}", given);
        return HashPartitioner(static_cast<std::int64_t>(given));
    } else {
        return given;
    }
}

/// Send every element to the partition that route(element) names; each partition in the dataset's
/// order. Collective.
template <class Input, class Route>
std::shared_ptr<PieceStore> shuffle(Input const& input, std::int64_t partitions, Route const& route,
                                    std::string_view name) {
    using T = typename Input::Element;
    auto store = std::make_shared<PieceStore>(input.context());
    run_map_stage(input.plan(), name, [&](std::int64_t source) {
        Route run = route;
        PartitionWriter<T> writer(*store, source, partitions);
        input.push()(source, [&](auto const& item) { writer.add(run(item), item); });
        writer.finish();
    });
    store->exchange(partitions, name);
    return store;
}

template <class Input, class Partitioner>
auto partition_by(Input const& input, Partitioner partitioner) {
    using Item = stored_t<typename Input::Element>;
    auto placement = Placement::by<typename Item::first_type>(partitioner);
    auto const partitions = static_cast<std::int64_t>(partitioner.num_partitions());
    return make_wide<Item>(input.plan(), "partition_by", partitions, std::move(placement),
                           [input, partitioner = std::move(partitioner), partitions] {
                               auto const route = [&](auto const& pair) {
                                   return checked_partition(partitioner, pair.first);
                               };
                               return shuffle(input, partitions, route, "partition_by");
                           });
}

/// The pairs where `placement` (of `partitions` partitions) has them: as they are if they are there
/// already.
template <class Input>
auto place(Input const& input, Placement const& placement, std::int64_t partitions,
           std::string_view name) {
    using Item = stored_t<typename Input::Element>;
    using Key = typename Item::first_type;
    if (input.plan().runs.size() == 1 && input.placement() == placement)
        return Dataset<Item, ErasedPush<Item>>(input);
    return make_wide<Item>(
        input.plan(), name, partitions, placement,
        [input, placement, partitions, name = std::string(name)] {
            auto const route = [&](auto const& pair) {
                return placement.template partition_of<Key>(Key(to_stored(pair.first)));
            };
            return shuffle(input, partitions, route, name);
        });
}

}  // namespace partita::dataset
