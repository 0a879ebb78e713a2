#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

/// A column's values for computing: float64, and a mark where there is none (null or NaN).
struct Numbers {
    std::vector<double> values;
    std::vector<std::uint8_t> missing;
    bool any_missing = false;

    Numbers() = default;
    explicit Numbers(std::size_t size) : values(size), missing(size) {}
    void mark(std::size_t row) {
        missing[row] = 1;
        values[row] = 0;
        any_missing = true;
    }
};

/// @throws Error naming the column if it holds texts.
Numbers read_numbers(frame::Block const& block, std::string const& column);
frame::Column to_column(Numbers const& numbers);

/// The block with further columns, or others in the place of those of their name.
frame::Block with_columns(frame::Block const& block, std::vector<frame::Field> const& fields,
                          std::vector<frame::Column> columns);

/// Fields of these names, float64.
std::vector<frame::Field> float_fields(std::vector<std::string> const& names);

}  // namespace partita::pipeline
