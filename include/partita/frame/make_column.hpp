#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// Values as a column without nulls, for functions that return blocks: int64, float64, float32 or
/// string by what the vector holds. See ColumnBuilder for nulls and other types.
Column make_column(std::vector<std::int64_t> values);
Column make_column(std::vector<double> values);
Column make_column(std::vector<float> values);
Column make_column(std::vector<std::string> const& texts);
Column make_column(std::vector<std::string_view> const& texts);

/// The numbers of a column of any numeric type as doubles; nulls become NaN.
/// @throws Error when it holds texts.
std::vector<double> numbers_of(Column const& column);

}  // namespace partita::frame
