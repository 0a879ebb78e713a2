#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/coalesce.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"
#include "partita/dataset/run_merge.hpp"

#include <cstdint>
#include <utility>

namespace partita::dataset {

/// The same partitions as one run, which says who owns them: a union's may lie otherwise.
template <class Input>
auto in_one_run(Input const& input) {
    using T = stored_t<typename Input::Element>;
    using Erased = Dataset<T, ErasedPush<T>>;
    if (input.plan().runs.size() == 1) return Erased(input);
    return Erased(coalesce(input, input.num_partitions()));
}

/// Pairs (i-th of left, i-th of right). A partition of the right dataset is packed first, in
/// scratch if need be, since two partitions cannot push at once.
template <class Left, class Right>
auto zip(Left const& left, Right const& right) {
    using W = stored_t<typename Right::Element>;
    using Item = std::pair<stored_t<typename Left::Element>, W>;
    check(left.num_partitions() == right.num_partitions(),
          "zip: expected datasets with equally many partitions, got {} and {}",
          left.num_partitions(), right.num_partitions());
    auto const a = in_one_run(left);
    auto const b = in_one_run(right);
    return make_dataset<Item>(
        joined_plan({&a.plan(), &b.plan()}).then_anew("zip"),
        [left = a.push(), right = b.push(), context = left.context()](std::int64_t partition,
                                                                      auto&& sink) {
            PieceStore packed(context);
            PartitionAppender<W> out(packed, 0, 0, writer_chunk_bytes(context));
            std::int64_t size = 0, zipped = 0;
            right(partition, [&](auto const& item) {
                out.add(item);
                ++size;
            });
            out.flush();
            packed.settle({0, 1});
            ItemCursor<W> cursor(packed, 0);
            left(partition, [&](auto&& item) {
                ++zipped;
                if (cursor.at_end()) return;
                sink(Item(std::forward<decltype(item)>(item), cursor.item()));
                cursor.next();
            });
            check(zipped == size,
                  "zip: expected as many elements on both sides, got {} and {} in partition {}",
                  zipped, size, partition);
        });
}

}  // namespace partita::dataset
