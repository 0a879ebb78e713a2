#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/dataset.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::dataset {

/// How many partitions a source has when `partitions` says 0.
inline std::int64_t partitions_or_default(Context const& context, std::int64_t partitions,
                                          std::string_view source) {
    check(partitions >= 0, "{}: expected a number of partitions of at least 0, got {}", source,
          partitions);
    return partitions > 0 ? partitions : context.default_partitions();
}

/// f(i) for i in [0, n), in that order; any rank may make any of them. Nothing is held.
template <class F>
auto generate(Context const& context, std::int64_t n, F f, std::int64_t partitions = 0) {
    check(n >= 0, "generate: expected a count of at least 0, got {}", n);
    std::int64_t const parts = partitions_or_default(context, partitions, "generate");
    using T = std::remove_cvref_t<std::invoke_result_t<F&, std::int64_t>>;
    return make_dataset<T>(source_plan(context, parts, "generate"),
                           [n, parts, f](std::int64_t partition, auto&& sink) {
                               F run = f;
                               RowRange const rows = share_of(n, parts, partition);
                               for (std::int64_t i = rows.first; i < rows.last; ++i) sink(run(i));
                           });
}

/// The integers [first, last), ascending.
inline auto range(Context const& context, std::int64_t first, std::int64_t last,
                  std::int64_t partitions = 0) {
    check(first <= last, "range: expected first <= last, got [{}, {})", first, last);
    std::int64_t const parts = partitions_or_default(context, partitions, "range");
    return make_dataset<std::int64_t>(
        source_plan(context, parts, "range"),
        [first, last, parts](std::int64_t partition, auto&& sink) {
            RowRange const rows = share_of(last - first, parts, partition);
            for (std::int64_t i = first + rows.first; i < first + rows.last; ++i) sink(i);
        });
}

/// Each rank's items, by rank, copied into a store at once. Collective. Item i of all n belongs to
/// partition share_holding(n, partitions, i); items of another rank's partitions are sent there.
template <class T>
auto from_local(Context const& context, std::vector<T> items, std::int64_t partitions = 0);

/// Root's items, in order, sent to the partitions' owners. Collective; other ranks' are ignored.
template <class T>
auto parallelize(Context const& context, std::vector<T> items, std::int64_t partitions = 0) {
    if (!context.comm().is_root()) items.clear();
    return from_local(context, std::move(items), partitions);
}

template <class T>
auto from_local(Context const& context, std::vector<T> items, std::int64_t partitions) {
    std::int64_t const parts = partitions_or_default(context, partitions, "from_local");
    auto const size = static_cast<std::int64_t>(items.size());
    std::int64_t const first = context.comm().exclusive_sum(size);
    std::int64_t const total = context.comm().all_reduce(size, Reduce::sum);
    auto store = std::make_shared<PieceStore>(context);
    collectively(context.comm(), "from_local", [&] {
        std::int64_t i = first;
        while (i < first + size) {
            std::int64_t const partition = share_holding(total, parts, i);
            std::int64_t const last =
                std::min(share_of(total, parts, partition).last, first + size);
            // The position orders what ranks give to one partition.
            PartitionAppender<T> out(*store, partition, i, writer_chunk_bytes(context));
            for (; i < last; ++i) out.add(items[static_cast<std::size_t>(i - first)]);
            out.flush();
        }
    });
    store->exchange(parts, "from_local");
    auto source = std::make_shared<StoredSource<T> const>(std::move(store));
    return make_dataset<T>(Plan{context, {parts}, {}, "from_local", {}}, ErasedPush<T>(source));
}

}  // namespace partita::dataset
