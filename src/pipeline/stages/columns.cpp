#include "pipeline/stages/columns.hpp"

#include "pipeline/numbers.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

Numbers read_numbers(frame::Block const& block, std::string const& name) {
    frame::Column const& column = block.column(name);
    check(column.type() != frame::Type::text, "column '{}': expected numbers, got texts", name);
    Numbers numbers;
    numbers_of(column, numbers.values);
    numbers.missing.assign(numbers.values.size(), 0);
    for (std::size_t i = 0; i < numbers.values.size(); ++i)
        if (column.is_null(static_cast<std::int64_t>(i)) || std::isnan(numbers.values[i]))
            numbers.mark(i);
    return numbers;
}

frame::Column to_column(Numbers const& numbers) {
    auto const size = std::ssize(numbers.values);
    auto const values = frame::make_array<double>(size);
    std::copy(numbers.values.begin(), numbers.values.end(), values->begin());
    frame::Column const column(frame::Type::float64, size, values->data(), nullptr, values);
    if (!numbers.any_missing) return column;
    auto const marks = frame::make_array<std::uint8_t>(size);
    std::copy(numbers.missing.begin(), numbers.missing.end(), marks->begin());
    return column.with_nulls(marks->data(), marks);
}

frame::Block with_columns(frame::Block const& block, std::vector<frame::Field> const& fields,
                          std::vector<frame::Column> columns) {
    std::vector<frame::Field> all_fields(block.schema().fields().begin(),
                                         block.schema().fields().end());
    std::vector<frame::Column> all(block.columns().begin(), block.columns().end());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto const at = block.schema().find(fields[i].name);
        if (at) {
            all_fields[static_cast<std::size_t>(*at)] = fields[i];
            all[static_cast<std::size_t>(*at)] = std::move(columns[i]);
        } else {
            all_fields.push_back(fields[i]);
            all.push_back(std::move(columns[i]));
        }
    }
    return frame::Block(frame::Schema(std::move(all_fields)), std::move(all));
}

std::vector<frame::Field> float_fields(std::vector<std::string> const& names) {
    std::vector<frame::Field> fields;
    for (std::string const& name : names) fields.push_back({name, frame::Type::float64});
    return fields;
}

}  // namespace partita::pipeline
