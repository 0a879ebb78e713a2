#include "pipeline/stages/columns.hpp"
#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"
#include "pipeline/stages/statistics.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/wide.hpp"
#include "partita/pipeline/stages.hpp"

namespace partita::pipeline {

namespace {

/// What stands in for a column's missing values.
struct Filler {
    std::string column;
    bool imputes_text = false;
    double number = 0;
    std::string text;
};

class Filling : public Transformer {
  public:
    std::vector<Filler> fillers;

    std::string kind() const override { return "fill"; }
    std::vector<std::string> inputs() const override {
        std::vector<std::string> names;
        for (Filler const& filler : fillers) names.push_back(filler.column);
        return names;
    }
    std::vector<frame::Field> outputs() const override {
        std::vector<frame::Field> fields;
        for (Filler const& filler : fillers)
            fields.push_back(
                {filler.column, filler.imputes_text ? frame::Type::text : frame::Type::float64});
        return fields;
    }

    frame::Block transform(frame::Block const& block) const override {
        std::vector<frame::Column> made;
        for (Filler const& filler : fillers)
            made.push_back(filler.imputes_text ? fill_texts(block, filler) : fill(block, filler));
        return with_columns(block, outputs(), std::move(made));
    }

    std::string to_json() const override {
        json all = json::array();
        for (Filler const& filler : fillers)
            all.push_back(
                {{"column", filler.column},
                 {"value", filler.imputes_text ? json(filler.text)
                                               : json{{"number", number_to_json(filler.number)}}}});
        return json{{"fillers", all}}.dump();
    }

  private:
    static frame::Column fill(frame::Block const& block, Filler const& filler) {
        Numbers numbers = read_numbers(block, filler.column);
        for (std::size_t i = 0; i < numbers.values.size(); ++i)
            if (numbers.missing[i]) numbers.values[i] = filler.number;
        numbers.any_missing = false;
        return to_column(numbers);
    }

    static frame::Column fill_texts(frame::Block const& block, Filler const& filler) {
        frame::Column const& column = block.column(filler.column);
        check(column.type() == frame::Type::text, "column '{}': expected texts, got numbers",
              filler.column);
        if (!column.nulls()) return column;
        frame::ColumnBuilder builder(frame::Type::text);
        for (std::int64_t i = 0; i < column.size(); ++i)
            builder.append_text(column.is_null(i) ? std::string_view(filler.text) : column.text(i));
        return builder.finish();
    }
};

bool imputes_text(frame::Table const& table, std::string const& column) {
    return table.schema()[table.schema().index_of(column)].type == frame::Type::text;
}

/// The value that most rows have, the smallest of equals.
Filler most_frequent(frame::Table const& table, std::string const& column) {
    Communicator const& comm = table.context().comm();
    frame::Table const counted = frame::group_by(table.select({column}), {column})
                                     .agg({{frame::Aggregate::count, column, "partita count", .5}});
    frame::Table const sorted = frame::sort(counted, {{"partita count", true}, {column, false}});
    frame::Block const rows = sorted.limit(3).collect();
    return collectively(comm, "", [&] {
        // Nulls count 0; NaN is a value here, and is passed over.
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            if (rows.column(0).is_null(i)) continue;
            Filler filler{column, rows.column(0).type() == frame::Type::text, 0, {}};
            if (filler.imputes_text) {
                filler.text = rows.column(0).text(i);
                return filler;
            }
            Numbers const numbers = read_numbers(rows, column);
            filler.number = numbers.values[static_cast<std::size_t>(i)];
            if (!numbers.missing[static_cast<std::size_t>(i)]) return filler;
        }
        fail("column '{}': expected values to impute from, got none", column);
    });
}

}  // namespace

std::shared_ptr<Transformer const> read_filling(json const& object) {
    auto stage = std::make_shared<Filling>();
    for (json const& entry : object.at("fillers")) {
        Filler filler{entry.at("column").get<std::string>(), entry.at("value").is_string(), 0, {}};
        if (filler.imputes_text)
            filler.text = entry["value"].get<std::string>();
        else
            filler.number = number_from_json(entry["value"], "number");
        stage->fillers.push_back(std::move(filler));
    }
    return stage;
}

std::shared_ptr<Transformer const> Imputer::fit(frame::Table const& table) const {
    auto stage = std::make_shared<Filling>();
    Communicator const& comm = table.context().comm();
    std::vector<ColumnStatistics> statistics;
    if (by == ImputeBy::mean) statistics = column_statistics(table, columns);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        std::string const& column = columns[c];
        bool const text = collectively(comm, "", [&] { return imputes_text(table, column); });
        check_everywhere(!text || by == ImputeBy::most_frequent,
                         "column '{}': expected numbers, got texts, which only most_frequent can "
                         "impute",
                         column);
        if (by == ImputeBy::mean)
            stage->fillers.push_back({column, false, statistics[c].mean, {}});
        else if (by == ImputeBy::median)
            stage->fillers.push_back({column, false, column_quantiles(table, column, {.5})[0], {}});
        else
            stage->fillers.push_back(most_frequent(table, column));
    }
    return stage;
}

}  // namespace partita::pipeline
