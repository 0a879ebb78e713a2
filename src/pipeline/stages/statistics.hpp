#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

/// Of a column's numbers that are neither null nor NaN.
struct ColumnStatistics {
    std::int64_t count = 0;
    double mean = 0, squared_deviations = 0, minimum = 0, maximum = 0;
};

/// Collective; one pass. @throws CollectiveError: a column of texts, or without any number.
std::vector<ColumnStatistics> column_statistics(frame::Table const& table,
                                                std::vector<std::string> const& columns);

/// Exact quantiles, interpolated between neighbours (R's type 7). The column is sorted over the
/// ranks, within the memory. Collective. @throws CollectiveError as above.
std::vector<double> column_quantiles(frame::Table const& table, std::string const& column,
                                     std::vector<double> const& fractions);

}  // namespace partita::pipeline
