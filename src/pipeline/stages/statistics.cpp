#include "pipeline/stages/statistics.hpp"

#include "pipeline/stages/columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace partita::pipeline {

namespace {

/// These columns as float64, null where there is no number.
frame::Table numbers_only(frame::Table const& table, std::vector<std::string> const& columns) {
    frame::Schema const output(float_fields(columns));
    for (std::string const& name : columns)
        check(table.schema()[table.schema().index_of(name)].type != frame::Type::text,
              "column '{}': expected numbers, got texts", name);
    return table.select(columns).map_batches(output, [columns, output](frame::Block const& block) {
        std::vector<frame::Column> made;
        for (std::string const& name : columns)
            made.push_back(to_column(read_numbers(block, name)));
        return frame::Block(output, std::move(made));
    });
}

}  // namespace

std::vector<ColumnStatistics> column_statistics(frame::Table const& table,
                                                std::vector<std::string> const& columns) {
    if (columns.empty()) return {};
    Communicator const& comm = table.context().comm();
    frame::Table const numbers =
        collectively(comm, "", [&] { return numbers_only(table, columns); });
    std::vector<frame::Aggregate> aggregates;
    for (std::size_t c = 0; c < columns.size(); ++c)
        for (auto const kind :
             {frame::Aggregate::count, frame::Aggregate::mean, frame::Aggregate::var,
              frame::Aggregate::min, frame::Aggregate::max})
            aggregates.push_back({kind, columns[c],
                                  std::to_string(c) + '.' + std::to_string(aggregates.size()), .5});
    frame::Block const row = frame::group_by(numbers, {}).agg(aggregates).collect();
    return collectively(comm, "", [&] {
        std::vector<ColumnStatistics> all;
        auto const value = [&](std::size_t i) {
            frame::Column const& column = row.column(static_cast<std::int64_t>(i));
            return column.is_null(0) ? 0.0 : column.values<double>()[0];
        };
        for (std::size_t c = 0; c < columns.size(); ++c) {
            ColumnStatistics one;
            one.count =
                row.rows() == 0
                    ? 0
                    : row.column(static_cast<std::int64_t>(5 * c)).values<std::int64_t>()[0];
            check(one.count > 0, "column '{}': expected numbers, got none", columns[c]);
            one.mean = value(5 * c + 1);
            one.squared_deviations = value(5 * c + 2) * static_cast<double>(one.count - 1);
            one.minimum = value(5 * c + 3);
            one.maximum = value(5 * c + 4);
            all.push_back(one);
        }
        return all;
    });
}

std::vector<double> column_quantiles(frame::Table const& table, std::string const& column,
                                     std::vector<double> const& fractions) {
    Communicator const& comm = table.context().comm();
    frame::Table const present = collectively(comm, "", [&] {
        frame::Table const numbers = numbers_only(table, {column});
        return numbers.map_batches(numbers.schema(), [](frame::Block const& block) {
            std::vector<std::uint32_t> rows;
            for (std::int64_t i = 0; i < block.rows(); ++i)
                if (!block.column(0).is_null(i)) rows.push_back(static_cast<std::uint32_t>(i));
            return block.take(rows);
        });
    });
    frame::Table const sorted = frame::sort(present, {{column, false}});
    std::vector<std::int64_t> const& counts = sorted.partition_rows();
    std::vector<std::int64_t> first{0};
    for (std::int64_t const count : counts) first.push_back(first.back() + count);
    std::int64_t const n = first.back();
    check_everywhere(n > 0, "column '{}': expected numbers, got none", column);
    // Each quantile lies between two places; 0 elsewhere, and added up over the ranks.
    std::vector<double> low(fractions.size(), 0), high(fractions.size(), 0);
    auto const place = [&](double fraction) { return fraction * static_cast<double>(n - 1); };
    std::vector<std::int64_t> next(counts.size(), 0);
    std::mutex mutex;
    sorted.for_each_block("quantiles", [&](std::int64_t p, frame::Block const& block) {
        auto const at = static_cast<std::size_t>(p);
        std::int64_t const begin = first[at] + next[at];
        next[at] += block.rows();
        double const* const values = block.column(0).values<double>();
        std::lock_guard const lock(mutex);
        for (std::size_t f = 0; f < fractions.size(); ++f) {
            auto const below = static_cast<std::int64_t>(std::floor(place(fractions[f])));
            std::int64_t const above = std::min(below + 1, n - 1);
            if (below >= begin && below < begin + block.rows()) low[f] = values[below - begin];
            if (above >= begin && above < begin + block.rows()) high[f] = values[above - begin];
        }
    });
    comm.all_reduce(std::span(low), Reduce::sum);
    comm.all_reduce(std::span(high), Reduce::sum);
    for (std::size_t f = 0; f < fractions.size(); ++f) {
        double const share = place(fractions[f]) - std::floor(place(fractions[f]));
        if (share > 0) low[f] += share * (high[f] - low[f]);
    }
    return low;
}

}  // namespace partita::pipeline
