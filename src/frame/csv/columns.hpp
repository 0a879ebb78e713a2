#pragma once

#include "frame/csv/rows.hpp"

#include "partita/frame/column.hpp"
#include "partita/frame/schema.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::frame::csv {

/// How fields become values.
struct FieldRules {
    bool quotes_count = true;
    std::vector<std::string> nulls;  ///< Unquoted texts that stand for null, beside the empty one.
};

/// A column of some rows did not have the right type.
struct BadField {
    std::int64_t row = -1;  ///< -1 = all were right.
    std::string text;
    std::string wanted;  ///< "" = a value of the column's type.
};

/// The fields of one column as values of `field`'s type.
Column parse_column(Rows const& rows, std::int64_t column, Field const& field,
                    FieldRules const& rules, BadField& bad);

/// What the fields of a column were seen to be. Bits, so that those of all ranks can be joined.
enum Seen : std::uint32_t {
    seen_int64 = 1,
    seen_big_integer = 2,
    seen_float64 = 4,
    seen_bool = 8,
    seen_timestamp = 16,
    seen_text = 32,
};

std::uint32_t look_at_column(Rows const& rows, std::int64_t column, FieldRules const& rules);

/// The narrowest type that holds all that was seen; nothing but nulls makes a string.
Type type_for(std::uint32_t seen);

}  // namespace partita::frame::csv
