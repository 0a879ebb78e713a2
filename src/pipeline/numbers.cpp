#include "pipeline/numbers.hpp"

#include "partita/core/error.hpp"

#include <cmath>

namespace partita::pipeline {

using frame::Column;
using frame::Type;

namespace {

template <class T>
void copy_values(Column const& column, std::vector<double>& out) {
    T const* const values = column.values<T>();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(values[i]);
}

}  // namespace

void numbers_of(Column const& column, std::vector<double>& out) {
    out.resize(static_cast<std::size_t>(column.size()));
    switch (column.type()) {
        case Type::int64:
        case Type::timestamp:
            return copy_values<std::int64_t>(column, out);
        case Type::float64:
            return copy_values<double>(column, out);
        case Type::float32:
            return copy_values<float>(column, out);
        case Type::boolean:
            return copy_values<std::uint8_t>(column, out);
        case Type::vector:
        case Type::text:
            break;
    }
    fail("expected a column of numbers, got texts");
}

bool is_usable(Column const& column, std::int64_t row) {
    if (column.is_null(row)) return false;
    if (column.type() == Type::float64) return std::isfinite(column.values<double>()[row]);
    if (column.type() == Type::float32) return std::isfinite(column.values<float>()[row]);
    return true;
}

}  // namespace partita::pipeline
