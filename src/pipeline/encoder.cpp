#include "pipeline/numbers.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/pipeline/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace partita::pipeline {

using frame::Block;
using frame::Column;
using frame::Type;

Encoder::Encoder(Recipe const& recipe, frame::Schema const& schema, Nulls nulls, bool labelled,
                 std::string const& weights)
    : recipe_(recipe), nulls_(nulls) {
    for (Feature const& feature : recipe_.features) {
        std::vector<Source> sources;
        for (Factor const& factor : feature.factors) {
            std::int64_t const column = schema.index_of(factor.column);
            bool const text = schema[column].type == Type::text;
            check(text == factor.level.has_value(), "column '{}': expected {}, got {}",
                  factor.column, factor.level ? "texts" : "numbers", text ? "texts" : "numbers");
            sources.push_back({column, factor.level});
            if (std::find(used_.begin(), used_.end(), column) == used_.end())
                used_.push_back(column);
        }
        sources_.push_back(std::move(sources));
    }
    if (!recipe_.label.empty()) label_ = schema.find(recipe_.label).value_or(-1);
    bool const drops = labelled && nulls_ == Nulls::drop && label_ >= 0;
    if (drops && std::find(used_.begin(), used_.end(), label_) == used_.end())
        used_.push_back(label_);
    if (weights.empty()) return;
    weights_ = schema.index_of(weights);
    check(schema[weights_].type != Type::text,
          "column '{}': expected numbers as weights, got texts", weights);
    if (std::find(used_.begin(), used_.end(), weights_) == used_.end()) used_.push_back(weights_);
}

std::vector<double> const& Encoder::factor_values(Block const& block, Source const& source) {
    Column const& column = block.column(source.column);
    if (!source.level) {
        numbers_of(column, values_);
        return values_;
    }
    values_.resize(static_cast<std::size_t>(column.size()));
    for (std::int64_t i = 0; i < column.size(); ++i)
        values_[static_cast<std::size_t>(i)] = column.text(i) == *source.level;
    return values_;
}

/// Leave out, or refuse, rows where a column that is used has no number.
void Encoder::find_usable(Block const& block, std::int64_t first_row,
                          std::vector<std::uint32_t>& rows) const {
    rows.resize(static_cast<std::size_t>(block.rows()));
    std::iota(rows.begin(), rows.end(), 0u);
    for (std::int64_t const c : used_) {
        Column const& column = block.column(c);
        bool const may_fail =
            column.nulls() || column.type() == Type::float64 || column.type() == Type::float32;
        if (!may_fail) continue;
        std::erase_if(rows, [&](std::uint32_t row) {
            if (is_usable(column, row)) return false;
            check(nulls_ == Nulls::drop,
                  "row {}, column '{}': expected a number, got {} (--nulls drop leaves such rows "
                  "out)",
                  first_row + row, block.schema()[c].name,
                  column.is_null(row) ? "nothing" : "NaN or infinity");
            return true;
        });
    }
}

std::vector<std::uint32_t> Encoder::encode(Block const& block, std::int64_t first_row,
                                           std::vector<double>& x) {
    std::vector<std::uint32_t> rows;
    find_usable(block, first_row, rows);
    std::size_t const before = x.size(), width = recipe_.features.size();
    x.resize(before + rows.size() * width);
    for (std::size_t f = 0; f < width; ++f) {
        double* const out = x.data() + before + f;
        bool first = true;
        for (Source const& source : sources_[f]) {
            std::vector<double> const& values = factor_values(block, source);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                double& to = out[i * width];
                to = first ? values[rows[i]] : to * values[rows[i]];
            }
            first = false;
        }
    }
    return rows;
}

double Encoder::class_of(double label, std::int64_t row) const {
    std::vector<double> const& known = recipe_.label_numbers;
    if (known.empty()) return label;
    auto const at = std::lower_bound(known.begin(), known.end(), label);
    check(at != known.end() && *at == label,
          "row {}, column '{}': expected one of the classes that the model knows, got {}", row,
          recipe_.label, label);
    return static_cast<double>(at - known.begin());
}

void Encoder::encode_labels(Block const& block, std::vector<std::uint32_t> const& rows,
                            std::int64_t first_row, std::vector<double>& y) const {
    check(label_ >= 0, "no column '{}', the label{}", recipe_.label,
          did_you_mean(recipe_.label, block.schema().names()));
    Column const& column = block.column(label_);
    for (std::uint32_t const row : rows)
        check(is_usable(column, row), "row {}, column '{}': expected a label, got nothing",
              first_row + row, recipe_.label);
    if (recipe_.label_levels.empty()) {
        check(column.type() != Type::text, "column '{}': expected numbers as labels, got texts",
              recipe_.label);
        std::vector<double> values;
        numbers_of(column, values);
        for (std::uint32_t const row : rows) y.push_back(class_of(values[row], first_row + row));
        return;
    }
    check(column.type() == Type::text, "column '{}': expected texts as labels, got numbers",
          recipe_.label);
    auto const& levels = recipe_.label_levels;
    for (std::uint32_t const row : rows) {
        auto const at = std::lower_bound(levels.begin(), levels.end(), column.text(row));
        check(at != levels.end() && *at == column.text(row),
              "row {}, column '{}': expected one of the classes that the model knows, got '{}'",
              first_row + row, recipe_.label, column.text(row));
        y.push_back(static_cast<double>(at - levels.begin()));
    }
}

void Encoder::encode_weights(Block const& block, std::vector<std::uint32_t> const& rows,
                             std::int64_t first_row, std::vector<double>& weights) const {
    std::vector<double> values;
    numbers_of(block.column(weights_), values);
    for (std::uint32_t const row : rows) {
        check(values[row] >= 0, "row {}, column '{}': expected a weight of at least 0, got {}",
              first_row + row, block.schema()[weights_].name, values[row]);
        weights.push_back(values[row]);
    }
}

}  // namespace partita::pipeline
