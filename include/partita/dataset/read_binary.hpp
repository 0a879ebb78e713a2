#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/dataset.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::dataset {

/// The elements of a file that save_binary, NumPy's tofile or any other program wrote as T's bytes,
/// without a header. T is flat: numbers, pairs, tuples and aggregates of such.
///
/// Collective. @throws CollectiveError when the file is missing or its size is no multiple of T's.
template <Flat T>
auto read_binary(Context const& context, std::string const& path, std::int64_t partitions = 0) {
    if (partitions <= 0) partitions = context.default_partitions();
    auto const file = std::make_shared<File>();
    std::int64_t const items = collectively(context.comm(), "", [&] {
        *file = File::open_read(path);
        std::int64_t const bytes = file->size();
        check(bytes % static_cast<std::int64_t>(sizeof(T)) == 0,
              "{}: expected a multiple of {} bytes, got {}", path, sizeof(T), bytes);
        return bytes / static_cast<std::int64_t>(sizeof(T));
    });
    return make_dataset<T>(
        source_plan(context, partitions, "read_binary"),
        [file, items, partitions](std::int64_t partition, auto&& sink) {
            constexpr std::int64_t block_items =
                std::max<std::int64_t>((256 << 10) / static_cast<std::int64_t>(sizeof(T)), 1);
            RowRange const rows = share_of(items, partitions, partition);
            std::vector<T> block(static_cast<std::size_t>(std::min(block_items, rows.size())));
            for (std::int64_t first = rows.first; first < rows.last; first += block_items) {
                std::int64_t const count = std::min(block_items, rows.last - first);
                file->read_at(first * static_cast<std::int64_t>(sizeof(T)), block.data(),
                              count * static_cast<std::int64_t>(sizeof(T)));
                for (std::int64_t i = 0; i < count; ++i)
                    sink(std::as_const(block[static_cast<std::size_t>(i)]));
            }
        });
}

}  // namespace partita::dataset
