#include "partita/frame/make_column.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/expression.hpp"

#include <limits>
#include <memory>
#include <utility>

namespace partita::frame {

namespace {

template <class T>
Column flat(Type type, std::vector<T> values) {
    auto const kept = std::make_shared<std::vector<T> const>(std::move(values));
    return {type, static_cast<std::int64_t>(kept->size()), kept->data(), nullptr, kept};
}

template <class Texts>
Column texts_of(Texts const& texts) {
    ColumnBuilder column(Type::text);
    for (auto const& text : texts) column.append_text(text);
    return column.finish();
}

}  // namespace

Column make_column(std::vector<std::int64_t> values) {
    return flat(Type::int64, std::move(values));
}
Column make_column(std::vector<double> values) { return flat(Type::float64, std::move(values)); }
Column make_column(std::vector<float> values) { return flat(Type::float32, std::move(values)); }
Column make_column(std::vector<std::string> const& texts) { return texts_of(texts); }
Column make_column(std::vector<std::string_view> const& texts) { return texts_of(texts); }

std::vector<double> numbers_of(Column const& column) {
    check(is_numeric(column.type()) || column.type() == Type::timestamp,
          "expected a column of numbers, got {}", to_string(column.type()));
    Column const wide = cast(column, Type::float64);
    double const* const values = wide.values<double>();
    std::vector<double> numbers(values, values + wide.size());
    for (std::int64_t row = 0; wide.nulls() && row < wide.size(); ++row)
        if (wide.is_null(row))
            numbers[static_cast<std::size_t>(row)] = std::numeric_limits<double>::quiet_NaN();
    return numbers;
}

}  // namespace partita::frame
