#include "partita/frame/pivot.hpp"

#include "frame/group/keys.hpp"
#include "frame/value_text.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/make_column.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

/// The values that get columns, as a column.
Column values_for(Table const& table, std::string const& column, PivotOptions const& options) {
    Type const type = table.schema()[table.schema().index_of(column)].type;
    if (!options.values.empty()) {
        try {
            return cast(make_column(options.values), type);
        } catch (Error const& error) {
            fail("pivot by column '{}': {}", column, error.what());
        }
    }
    Table const found = distinct(table.select({column})).cache();
    check_everywhere(found.rows() <= options.most_values,
                     "pivot: expected at most {} different values in column '{}', got {}: say "
                     "which shall be columns",
                     format_count(options.most_values), column, format_count(found.rows()));
    return sort(found, {{column, false}}).collect().column(0);
}

/// Finds a value's number.
class ValueNumbers {
  public:
    ValueNumbers(Field const& field, Column const& values) : table_({&field, 1}) {
        std::vector<std::uint32_t> numbers(static_cast<std::size_t>(values.size()));
        std::vector<std::uint64_t> const hashes = hashes_of(values);
        table_.find({&values, 1}, hashes.data(), values.size(), std::int64_t{1} << 60,
                    numbers.data());
        check(table_.groups() == values.size(), "pivot: expected each value once, got {}",
              fmt::format("{} values, of which {} are different", values.size(), table_.groups()));
    }
    /// GroupTable::none for others.
    std::vector<std::uint32_t> of(Column const& column) const {
        std::vector<std::uint32_t> numbers(static_cast<std::size_t>(column.size()));
        std::vector<std::uint64_t> const hashes = hashes_of(column);
        table_.lookup({&column, 1}, hashes.data(), column.size(), numbers.data());
        return numbers;
    }

  private:
    static std::vector<std::uint64_t> hashes_of(Column const& column) {
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(column.size()));
        hash_rows({&column, 1}, column.size(), hashes.data());
        return hashes;
    }

    GroupTable table_;
};

/// One column of the spread table: the rows with one value keep theirs, the others get nulls.
Column spread(Column const& column, std::vector<std::uint32_t> const& numbers,
              std::uint32_t value) {
    ColumnBuilder out = ColumnBuilder::like(column);
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (numbers[static_cast<std::size_t>(row)] == value && !column.is_null(row))
            out.append_row(column, row);
        else
            out.append_null();
    }
    return out.finish();
}

std::vector<Field> result_fields(Schema const& grouped, std::int64_t keys, Column const& values,
                                 std::vector<Aggregate> const& aggregates) {
    std::vector<Field> fields(grouped.fields().begin(), grouped.fields().begin() + keys);
    for (std::int64_t value = 0; value < values.size(); ++value)
        for (std::size_t a = 0; a < aggregates.size(); ++a) {
            std::string name;
            append_value(name, values, value);
            if (values.is_null(value)) name = "null";
            if (aggregates.size() > 1) name += "_" + aggregates[a].result_name();
            fields.push_back({name, grouped[keys + 1 + static_cast<std::int64_t>(a)].type});
        }
    return fields;
}

/// "0", "1", ...: names that never meet each other.
Schema numbered(std::vector<Field> fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i].name = std::to_string(i);
    return Schema(std::move(fields));
}

}  // namespace

Table pivot(Table const& table, std::vector<std::string> const& keys, std::string const& column,
            std::vector<Aggregate> const& aggregates, PivotOptions const& options) {
    check(!aggregates.empty(), "pivot: expected at least one aggregate, got none");
    auto const key_count = static_cast<std::int64_t>(keys.size());
    std::vector<std::string> by = keys;
    by.push_back(column);
    std::vector<Aggregate> named = aggregates;
    for (std::size_t a = 0; a < named.size(); ++a) named[a].name = "aggregate " + std::to_string(a);
    Table const grouped = group_by(table, by).agg(named);
    Column const values = values_for(table, column, options);
    Schema const result(result_fields(grouped.schema(), key_count, values, aggregates));
    auto const numbers = std::make_shared<ValueNumbers const>(grouped.schema()[key_count], values);
    auto const wide =
        std::make_shared<Schema const>(numbered({result.fields().begin(), result.fields().end()}));
    Table const spread_out = grouped.map_batches(
        *wide,
        [=, count = values.size()](Block const& block) {
            std::vector<Column> columns(block.columns().begin(),
                                        block.columns().begin() + key_count);
            std::vector<std::uint32_t> const of_rows = numbers->of(block.column(key_count));
            for (std::int64_t value = 0; value < count; ++value)
                for (std::int64_t a = key_count + 1; a < block.schema().size(); ++a)
                    columns.push_back(
                        spread(block.column(a), of_rows, static_cast<std::uint32_t>(value)));
            return Block(wide, std::move(columns), block.rows());
        },
        "pivot");
    std::vector<std::string> const names = wide->names();
    std::vector<Aggregate> firsts;
    for (std::int64_t i = key_count; i < wide->size(); ++i)
        firsts.push_back({Aggregate::first, (*wide)[i].name, (*wide)[i].name});
    Table const merged =
        group_by(spread_out, {names.begin(), names.begin() + key_count}).agg(firsts);
    std::vector<std::pair<std::string, std::string>> renamed;
    for (std::int64_t i = 0; i < wide->size(); ++i)
        renamed.emplace_back((*wide)[i].name, result[i].name);
    return merged.rename(renamed);
}

}  // namespace partita::frame
