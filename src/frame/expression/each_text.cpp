#include "frame/expression/each_text.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace partita::frame::expression {

namespace {

/// The operand that is worth to be looked at text by text; -1 when there is none.
std::int64_t texts_among(std::vector<TermRef> const& operands, std::vector<Column> const& values) {
    std::int64_t found = -1;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (operands[i]->is_constant()) continue;
        if (found >= 0 || !values[i].has_small_dictionary()) return -1;
        found = static_cast<std::int64_t>(i);
    }
    return found;
}

/// The dictionary's texts, and a null behind them where rows are null.
Column texts_and_null(Column const& column) {
    if (!column.nulls()) return column.dictionary();
    ColumnBuilder texts(Type::text);
    texts.append_rows(column.dictionary(), 0, column.entries());
    texts.append_null();
    return texts.finish();
}

/// Each row's place among texts_and_null().
std::shared_ptr<Buffer<std::uint32_t>> places_of(Column const& column) {
    auto places = make_array<std::uint32_t>(column.size());
    auto const null = static_cast<std::uint32_t>(column.entries());
    for (std::int64_t row = 0; row < column.size(); ++row)
        places->data()[row] = column.is_null(row) ? null : column.codes()[row];
    return places;
}

/// The values that were computed for texts, for the rows.
Column spread(Column const& values, std::shared_ptr<Buffer<std::uint32_t>> places) {
    std::int64_t const rows = places->size();
    std::span<std::uint32_t const> const each(places->data(), static_cast<std::size_t>(rows));
    if (values.type() != Type::text || values.codes()) return values.take(each);
    std::shared_ptr<Buffer<std::uint8_t>> nulls;
    if (values.nulls()) {
        nulls = make_array<std::uint8_t>(rows);
        for (std::int64_t row = 0; row < rows; ++row)
            nulls->data()[row] = values.nulls()[each[static_cast<std::size_t>(row)]];
    }
    struct All {
        Column values;
        std::shared_ptr<Buffer<std::uint32_t>> places;
        std::shared_ptr<Buffer<std::uint8_t>> nulls;
    };
    auto const all = std::make_shared<All>(All{values, std::move(places), nulls});
    return Column::coded(rows, all->places->data(), values.size(), values.offsets(), values.bytes(),
                         nulls ? nulls->data() : nullptr, all);
}

std::optional<Column> of_texts(std::vector<TermRef> const& operands,
                               std::vector<Column> const& values, std::size_t texts,
                               ComputeRows compute) {
    Column const different = texts_and_null(values[texts]);
    Block const as_many(std::make_shared<Schema const>(), {}, different.size());
    std::vector<Column> of_each;
    for (std::size_t i = 0; i < operands.size(); ++i)
        of_each.push_back(i == texts ? different : operands[i]->evaluate(as_many));
    try {
        return spread(compute(different.size(), of_each), places_of(values[texts]));
    } catch (Error const&) {
        return std::nullopt;  // Perhaps of a text that no row has.
    }
}

}  // namespace

bool are_constant(std::vector<TermRef> const& operands) {
    return std::all_of(operands.begin(), operands.end(),
                       [](TermRef const& operand) { return operand->is_constant(); });
}

Column of_operands(std::vector<TermRef> const& operands, Block const& block, ComputeRows compute) {
    std::vector<Column> values;
    for (TermRef const& operand : operands) values.push_back(operand->evaluate(block));
    std::int64_t const texts = texts_among(operands, values);
    if (texts >= 0)
        if (auto column = of_texts(operands, values, static_cast<std::size_t>(texts), compute))
            return *column;
    return compute(block.rows(), values);
}

Column repeated(Column const& text, std::int64_t rows) {
    auto places = make_array<std::uint32_t>(rows);
    std::fill_n(places->data(), rows, std::uint32_t{0});
    return spread(text, std::move(places));
}

}  // namespace partita::frame::expression
