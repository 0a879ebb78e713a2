#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>

namespace partita::dataset {

/// Neighbouring partitions joined, so that there are at most `partitions`: whole partitions move to
/// the rank of their new neighbours.
template <class Input>
auto coalesce(Input const& input, std::int64_t partitions) {
    using T = stored_t<typename Input::Element>;
    check(partitions >= 1, "coalesce: expected at least 1 partition, got {}", partitions);
    std::int64_t const before = input.plan().partitions();
    std::int64_t const after = std::min(partitions, std::max<std::int64_t>(before, 1));
    return make_wide<T>(input.plan(), "coalesce", after, {}, [input, before, after] {
        auto store = std::make_shared<PieceStore>(input.context());
        run_partitions(input.plan(), "coalesce", [&](std::int64_t partition) {
            PartitionAppender<T> out(*store, share_holding(before, after, partition), partition,
                                     writer_chunk_bytes(input.context()));
            input.push()(partition, [&](auto&& item) { out.add(item); });
            out.flush();
        });
        store->exchange(after, "coalesce");
        return store;
    });
}

}  // namespace partita::dataset
