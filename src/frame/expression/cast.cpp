#include "frame/csv/values.hpp"
#include "frame/expression/kernels.hpp"
#include "frame/timestamp.hpp"
#include "frame/value_text.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/expression.hpp"

#include <cmath>

namespace partita::frame {

namespace {

std::shared_ptr<Buffer<std::uint8_t>> nulls_of(Column const& column) {
    return expression::merged_nulls(column, column);
}

[[noreturn]] void fail_cast(Column const& column, std::int64_t row, Type type) {
    std::string text;
    append_value(text, column, row);
    fail("expected {}, got \"{}\"", to_string(type), text);
}

template <class To, class From>
Column convert(Column const& column, Type type) {
    From const* const from = column.values<From>();
    return expression::compute<To>(type, column.size(), nulls_of(column), [&](std::int64_t i) {
        if constexpr (std::is_same_v<To, std::uint8_t>)
            return static_cast<To>(from[i] != From{});
        else
            return static_cast<To>(from[i]);
    });
}

template <class From>
Column truncate(Column const& column, Type type) {
    From const* const from = column.values<From>();
    constexpr double limit = 9223372036854775808.0;
    return expression::compute<std::int64_t>(
        type, column.size(), nulls_of(column), [&](std::int64_t i) {
            double const value = std::trunc(static_cast<double>(from[i]));
            if (!(value >= -limit && value < limit)) fail_cast(column, i, type);
            return static_cast<std::int64_t>(value);
        });
}

template <class T, class Parse>
Column parse_all(Column const& column, Type type, Parse const& parse) {
    return expression::compute<T>(type, column.size(), nulls_of(column), [&](std::int64_t i) {
        T value{};
        if (!parse(column.text(i), value)) fail_cast(column, i, type);
        return value;
    });
}

Column cast_text(Column const& column, Type type) {
    switch (type) {
        case Type::int64:
            return parse_all<std::int64_t>(column, type, csv::parse_int64_slow);
        case Type::float64:
            return parse_all<double>(column, type, csv::parse_double_slow);
        case Type::float32:
            return cast(parse_all<double>(column, Type::float64, csv::parse_double_slow), type);
        case Type::boolean:
            return parse_all<std::uint8_t>(column, type, csv::parse_bool);
        case Type::timestamp:
            return parse_all<std::int64_t>(column, type, parse_timestamp);
        case Type::vector:
        case Type::text:
            break;
    }
    return column;
}

Column to_text(Column const& column) {
    ColumnBuilder texts(Type::text);
    std::string text;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        text.clear();
        append_value(text, column, row);
        if (column.is_null(row))
            texts.append_null();
        else
            texts.append_text(text);
    }
    return texts.finish();
}

template <class From>
Column cast_number(Column const& column, Type type) {
    switch (type) {
        case Type::float64:
            return convert<double, From>(column, type);
        case Type::float32:
            return convert<float, From>(column, type);
        case Type::boolean:
            return convert<std::uint8_t, From>(column, type);
        case Type::int64:
        case Type::timestamp:
            if constexpr (std::is_floating_point_v<From>)
                return truncate<From>(column, type);
            else
                return convert<std::int64_t, From>(column, type);
        case Type::vector:
        case Type::text:
            break;
    }
    return to_text(column);
}

}  // namespace

Column cast(Column const& column, Type type) {
    if (column.type() == type) return column;
    check(type != Type::vector && (column.type() != Type::vector || type == Type::text),
          "cannot make {} of {}", to_string(type), to_string(column.type()));
    switch (column.type()) {
        case Type::int64:
        case Type::timestamp:
            return cast_number<std::int64_t>(column, type);
        case Type::float64:
            return cast_number<double>(column, type);
        case Type::float32:
            return cast_number<float>(column, type);
        case Type::boolean:
            return cast_number<std::uint8_t>(column, type);
        case Type::vector:
            return to_text(column);
        case Type::text:
            break;
    }
    return cast_text(column, type);
}

}  // namespace partita::frame
