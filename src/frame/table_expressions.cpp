// Operations that compute with expressions.

#include "frame/narrow.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/expression.hpp"

#include <numeric>

namespace partita::frame {

namespace {

/// The numbers of the rows for which a condition is true.
std::vector<std::uint32_t> rows_where(Column const& condition) {
    auto const* const holds = condition.values<std::uint8_t>();
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(condition.size()));
    std::size_t found = 0;
    for (std::int64_t row = 0; row < condition.size(); ++row) {  // a null's value is 0
        rows[found] = static_cast<std::uint32_t>(row);
        found += holds[row];
    }
    rows.resize(found);
    return rows;
}

Table with_values(Table const& table, std::string_view operation, Field const& field,
                  std::function<Column(Block const&)> compute) {
    std::vector<Field> fields(table.schema().fields().begin(), table.schema().fields().end());
    auto const place = table.schema().find(field.name);
    if (place)
        fields[static_cast<std::size_t>(*place)] = field;
    else
        fields.push_back(field);
    auto const schema = std::make_shared<Schema const>(std::move(fields));
    return narrow(
        table, operation, schema,
        [schema, place, compute = std::move(compute)](std::int64_t, Block const& block,
                                                      BlockSink sink) {
            std::vector<Column> columns(block.columns().begin(), block.columns().end());
            if (place)
                columns[static_cast<std::size_t>(*place)] = compute(block);
            else
                columns.push_back(compute(block));
            sink(Block(schema, std::move(columns), block.rows()));
        },
        true);
}

}  // namespace

Table Table::filter(std::string_view condition) const {
    Expression const expression(condition, schema());
    check(expression.type() == Type::boolean, "filter: expected a condition, got '{}', which is {}",
          condition, to_string(expression.type()));
    return narrow(
        *this, "filter", shared_schema(),
        [expression](std::int64_t, Block const& block, BlockSink sink) {
            std::vector<std::uint32_t> const rows = rows_where(expression.evaluate(block));
            if (static_cast<std::int64_t>(rows.size()) == block.rows())
                sink(block);
            else if (!rows.empty())
                sink(block.take(rows));
        },
        false);
}

Table Table::with_column(std::string const& name, std::string_view text) const {
    Expression const expression(text, schema());
    check(expression.type() != Type::vector,
          "with_column: expected an expression, got the vector {}", text);
    return with_values(*this, "with_column", {name, expression.type()},
                       [expression](Block const& block) { return expression.evaluate(block); });
}

Table Table::cast(std::string const& name, Type type) const {
    std::int64_t const column = schema().index_of(name);
    if (schema()[column].type == type) return *this;
    return with_values(*this, "cast", {name, type}, [name, column, type](Block const& block) {
        try {
            return frame::cast(block.column(column), type);
        } catch (Error const& error) {
            fail("column '{}': {}", name, error.what());
        }
    });
}

}  // namespace partita::frame
