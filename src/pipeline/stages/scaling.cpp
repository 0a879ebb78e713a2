#include "pipeline/stages/columns.hpp"
#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"
#include "pipeline/stages/statistics.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/pipeline/stages.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

/// (x - centre) * scale + shift for each column.
class Scaling : public Transformer {
  public:
    std::vector<std::string> columns;
    std::vector<double> centre, scale, shift;

    std::string kind() const override { return "scale"; }
    std::vector<std::string> inputs() const override { return columns; }
    std::vector<frame::Field> outputs() const override { return float_fields(columns); }

    frame::Block transform(frame::Block const& block) const override {
        std::vector<frame::Column> made;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            Numbers numbers = read_numbers(block, columns[c]);
            for (double& x : numbers.values) x = (x - centre[c]) * scale[c] + shift[c];
            made.push_back(to_column(numbers));
        }
        return with_columns(block, outputs(), std::move(made));
    }

    std::string to_json() const override {
        return json{{"columns", columns},
                    {"centre", numbers_to_json(centre)},
                    {"scale", numbers_to_json(scale)},
                    {"shift", numbers_to_json(shift)}}
            .dump();
    }
};

double norm_of(std::vector<double> const& row, double p) {
    double sum = 0;
    for (double const x : row) {
        double const size = std::abs(x);
        if (std::isinf(p))
            sum = std::max(sum, size);
        else
            sum += p == 1 ? size : p == 2 ? size * size : std::pow(size, p);
    }
    return std::isinf(p) || p == 1 ? sum : p == 2 ? std::sqrt(sum) : std::pow(sum, 1 / p);
}

class Normalizing : public Transformer {
  public:
    std::vector<std::string> columns;
    double p = 2;

    std::string kind() const override { return "normalize"; }
    std::vector<std::string> inputs() const override { return columns; }
    std::vector<frame::Field> outputs() const override { return float_fields(columns); }

    frame::Block transform(frame::Block const& block) const override {
        std::vector<Numbers> numbers;
        for (std::string const& name : columns) numbers.push_back(read_numbers(block, name));
        std::vector<double> row(columns.size());
        for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows()); ++i) {
            bool missing = false;
            for (std::size_t c = 0; c < columns.size(); ++c) {
                row[c] = numbers[c].values[i];
                missing = missing || numbers[c].missing[i];
            }
            double const norm = norm_of(row, p);
            for (Numbers& column : numbers) {
                if (missing) column.mark(i);
                if (norm > 0) column.values[i] /= norm;
            }
        }
        std::vector<frame::Column> made;
        for (Numbers const& column : numbers) made.push_back(to_column(column));
        return with_columns(block, outputs(), std::move(made));
    }

    std::string to_json() const override {
        return json{{"columns", columns}, {"p", number_to_json(p)}}.dump();
    }
};

}  // namespace

std::shared_ptr<Transformer const> read_scaling(json const& object) {
    auto stage = std::make_shared<Scaling>();
    stage->columns = texts_from_json(object, "columns");
    for (auto [numbers, name] : {std::pair{&stage->centre, "centre"},
                                 {&stage->scale, "scale"},
                                 {&stage->shift, "shift"}}) {
        *numbers = numbers_from_json(object, name);
        check(numbers->size() == stage->columns.size(), "'{}': expected {} numbers, got {}", name,
              stage->columns.size(), numbers->size());
    }
    return stage;
}

std::shared_ptr<Transformer const> read_normalizing(json const& object) {
    auto stage = std::make_shared<Normalizing>();
    stage->columns = texts_from_json(object, "columns");
    stage->p = number_from_json(object, "p");
    return stage;
}

std::shared_ptr<Transformer const> StandardScaler::fit(frame::Table const& table) const {
    auto stage = std::make_shared<Scaling>();
    stage->columns = columns;
    for (ColumnStatistics const& one : column_statistics(table, columns)) {
        double const degrees = static_cast<double>(one.count - ddof);
        double const deviation = degrees > 0 ? std::sqrt(one.squared_deviations / degrees) : 0;
        stage->centre.push_back(with_mean ? one.mean : 0);
        stage->scale.push_back(!with_std ? 1 : deviation > 0 ? 1 / deviation : 0);
        stage->shift.push_back(0);
    }
    return stage;
}

std::shared_ptr<Transformer const> MinMaxScaler::fit(frame::Table const& table) const {
    check_everywhere(low < high, "min-max scaling: expected a range, got {} to {}", low, high);
    auto stage = std::make_shared<Scaling>();
    stage->columns = columns;
    for (ColumnStatistics const& one : column_statistics(table, columns)) {
        double const range = one.maximum - one.minimum;
        stage->centre.push_back(one.minimum);
        stage->scale.push_back(range > 0 ? (high - low) / range : 0);
        stage->shift.push_back(range > 0 ? low : (low + high) / 2);
    }
    return stage;
}

std::shared_ptr<Transformer const> Normalizer::fit(frame::Table const&) const {
    check_everywhere(p >= 1, "normalizer: expected a norm p of at least 1, got {}", p);
    auto stage = std::make_shared<Normalizing>();
    stage->columns = columns;
    stage->p = p;
    return stage;
}

}  // namespace partita::pipeline
