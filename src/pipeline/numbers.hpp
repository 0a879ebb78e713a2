#pragma once

#include "partita/frame/column.hpp"

#include <vector>

namespace partita::pipeline {

/// A column's values as float64; nulls are 0. @throws Error for a column of texts.
void numbers_of(frame::Column const& column, std::vector<double>& out);

/// Whether there is a value, and it is finite.
bool is_usable(frame::Column const& column, std::int64_t row);

}  // namespace partita::pipeline
