#pragma once

#include "partita/dataset/dataset.hpp"
#include "partita/dataset/hdf5_columns.hpp"
#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace partita::dataset {

/// The rows of opened columns as TableRow: numbers as texts.
inline auto rows_of(Context const& context, std::shared_ptr<Hdf5Columns const> columns,
                    std::int64_t partitions = 0) {
    std::int64_t const parts = partitions_or_default(context, partitions, "read_hdf5");
    return make_dataset<TableRow>(
        source_plan(context, parts, "read_hdf5"),
        [columns = std::move(columns), parts](std::int64_t partition, auto&& sink) {
            RowRange const rows = share_of(columns->rows(), parts, partition);
            columns->for_each_row(rows.first, rows.last, [&](TableRow const& row) { sink(row); });
        });
}

/// Columns of an HDF5 file as elements of type T: a number or std::string for one column, or a
/// pair, tuple or aggregate of such with a member for each:
/// read_hdf5<std::pair<std::string, double>>(context, "sales.h5", {"city", "amount"}).
///
/// Collective. Columns are one-dimensional datasets of one length. Numbers are converted; values
/// that a whole-number type cannot hold are errors when the dataset is run.
/// @throws CollectiveError when the file or a column does not exist (with a suggestion).
template <class T>
auto read_hdf5(Context const& context, std::string const& path, std::vector<std::string> columns,
               std::int64_t partitions = 0) {
    constexpr bool is_single = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;
    std::int64_t const parts = partitions_or_default(context, partitions, "read_hdf5");
    auto const file = std::make_shared<Hdf5Columns const>(context, path, std::move(columns));
    collectively(context.comm(), "", [&] {
        check(static_cast<std::int64_t>(file->names().size()) == TableRow::columns_of<T>(),
              "{}: expected {} columns, got {}", path, TableRow::columns_of<T>(),
              file->names().size());
    });
    return make_dataset<T>(
        source_plan(context, parts, "read_hdf5"),
        [file, parts](std::int64_t partition, auto&& sink) {
            constexpr std::int64_t block_rows = 8192;
            RowRange const rows = share_of(file->rows(), parts, partition);
            auto const read_block = [&](auto& block, std::int64_t start, std::int64_t end) {
                std::apply(
                    [&](auto&... column) {
                        std::int64_t c = 0;
                        (file->read(c++, start, end, column), ...);
                    },
                    block);
            };
            for (std::int64_t start = rows.first; start < rows.last; start += block_rows) {
                std::int64_t const end = std::min(start + block_rows, rows.last);
                auto const size = static_cast<std::size_t>(end - start);
                if constexpr (is_single) {
                    std::tuple<std::vector<T>> block;
                    read_block(block, start, end);
                    for (T const& value : std::get<0>(block)) sink(value);
                } else {
                    [&]<class... Parts>(std::tuple<Parts...>*) {
                        std::tuple<std::vector<std::remove_cvref_t<Parts>>...> block;
                        read_block(block, start, end);
                        for (std::size_t i = 0; i < size; ++i)
                            std::apply([&](auto&... column) { sink(T{std::move(column[i])...}); },
                                       block);
                    }(static_cast<detail::TupleOfParts<T>*>(nullptr));
                }
            }
        });
}

}  // namespace partita::dataset
