#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

/// The different texts of each column, by descending frequency, ties by text.
///
/// Collective; every rank holds all of them. Nulls do not count.
/// @throws CollectiveError when a column has more than `most_levels` of them.
std::vector<std::vector<std::string>> frequent_levels(frame::Table const& table,
                                                      std::vector<std::string> const& columns,
                                                      std::int64_t most_levels);

}  // namespace partita::pipeline
