#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <cstdint>
#include <memory>

namespace partita::dataset {

/// Elements dealt out in turn, so that partitions are even whatever they were.
template <class Input>
auto repartition(Input const& input, std::int64_t partitions) {
    using T = typename Input::Element;
    check(partitions >= 1, "repartition: expected at least 1 partition, got {}", partitions);
    return make_wide<stored_t<T>>(input.plan(), "repartition", partitions, {}, [input, partitions] {
        auto store = std::make_shared<PieceStore>(input.context());
        run_map_stage(input.plan(), "repartition", [&](std::int64_t source) {
            PartitionWriter<T> writer(*store, source, partitions);
            std::int64_t next = source % partitions;
            input.push()(source, [&](auto const& item) {
                writer.add(next, item);
                next = next + 1 == partitions ? 0 : next + 1;
            });
            writer.finish();
        });
        store->exchange(partitions, "repartition");
        return store;
    });
}

}  // namespace partita::dataset
