#include "partita/core/error.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/make_column.hpp"
#include "partita/frame/summary.hpp"

#include <limits>
#include <optional>

namespace partita::frame {

namespace {

constexpr Aggregate::Kind of_numbers[] = {Aggregate::mean, Aggregate::stddev, Aggregate::min,
                                          Aggregate::max};

/// All aggregates that `describe` shows, of all columns, in a row.
std::vector<Aggregate> aggregates_for(Schema const& schema) {
    std::vector<Aggregate> all;
    auto const add = [&](Aggregate::Kind kind, std::string const& column) {
        all.push_back({kind, column, "value " + std::to_string(all.size())});
    };
    add(Aggregate::count, "");
    for (Field const& field : schema.fields()) {
        add(Aggregate::count, field.name);
        for (Aggregate::Kind const kind : of_numbers)
            if (is_numeric(field.type)) add(kind, field.name);
    }
    return all;
}

using Number = std::optional<double>;

Number number_of(Column const& column) {
    if (column.is_null(0)) return std::nullopt;
    return cast(column, Type::float64).values<double>()[0];
}

Column column_of(std::vector<Number> const& numbers) {
    ColumnBuilder column(Type::float64);
    for (Number const& number : numbers) {
        if (number)
            column.append(*number);
        else
            column.append_null();
    }
    return column.finish();
}

}  // namespace

Block describe(Table const& table, std::vector<std::string> const& columns) {
    Table const kept = (columns.empty() ? table : table.select(columns)).cache();
    Schema const& schema = kept.schema();
    Block const values = group_by(kept, {}).agg(aggregates_for(schema)).collect();
    std::vector<std::string> numeric;
    for (Field const& field : schema.fields())
        if (is_numeric(field.type)) numeric.push_back(field.name);
    auto const quartiles = quantiles(kept, numeric, {.25, .5, .75});
    std::int64_t at = 0;
    std::int64_t const rows = values.column(at++).values<std::int64_t>()[0];
    std::vector<std::string> names, types;
    std::vector<std::int64_t> counts, nulls;
    std::vector<Number> mean, stddev, min, max, quartile[3];
    auto its_quartiles = quartiles.begin();
    for (Field const& field : schema.fields()) {
        names.push_back(field.name);
        types.emplace_back(to_string(field.type));
        counts.push_back(values.column(at++).values<std::int64_t>()[0]);
        nulls.push_back(rows - counts.back());
        bool const is_number = is_numeric(field.type);
        for (auto* figure : {&mean, &stddev, &min, &max})
            figure->push_back(is_number ? number_of(values.column(at++)) : std::nullopt);
        for (std::size_t q = 0; q < 3; ++q)
            quartile[q].push_back(is_number && counts.back() > 0 ? Number((*its_quartiles)[q])
                                                                 : std::nullopt);
        if (is_number) ++its_quartiles;
    }
    return {Schema::parse("column:string, type:string, count:int64, nulls:int64, mean:float64, "
                          "stddev:float64, min:float64, q25:float64, median:float64, q75:float64, "
                          "max:float64"),
            {make_column(names), make_column(types), make_column(counts), make_column(nulls),
             column_of(mean), column_of(stddev), column_of(min), column_of(quartile[0]),
             column_of(quartile[1]), column_of(quartile[2]), column_of(max)}};
}

}  // namespace partita::frame
