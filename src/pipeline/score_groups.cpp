#include "pipeline/group_keys.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/pipeline/group_models.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

namespace partita::pipeline {

namespace {

using frame::Block;
using frame::Field;
using frame::Type;

constexpr char row_column[] = "partita row";

/// All groups' coefficients, the intercept first; found by key.
class ModelTable {
  public:
    explicit ModelTable(GroupModels const& models, Block const& rows) {
        std::vector<std::string> names{"intercept"};
        for (std::string const& name : models.recipe.feature_names())
            names.push_back("coefficient_" + name);
        width_ = names.size();
        GroupKeys keys(rows, models.by);
        frame::Column const& status = rows.column("status");
        std::vector<double const*> columns;
        for (std::string const& name : names) columns.push_back(rows.column(name).values<double>());
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            if (status.text(i) == "too few rows") continue;
            places_.emplace(keys.of(i), numbers_.size());
            for (double const* const column : columns) numbers_.push_back(column[i]);
        }
    }

    /// nullptr when the group has no model.
    double const* find(std::string const& key) const {
        auto const at = places_.find(key);
        return at == places_.end() ? nullptr : numbers_.data() + at->second;
    }

  private:
    std::size_t width_ = 0;
    std::unordered_map<std::string, std::size_t> places_;
    std::vector<double> numbers_;
};

class GroupScorer {
  public:
    GroupScorer(GroupModels const& models, std::shared_ptr<ModelTable const> table,
                frame::Schema const& input, ScoreOptions const& options)
        : by_(models.by),
          recipe_(models.recipe),
          classes_(models.kind == "logistic"),
          table_(std::move(table)),
          options_(options) {
        std::vector<Field> fields;
        for (std::string const& name : options.keep) fields.push_back(input[input.index_of(name)]);
        fields.push_back({"prediction", prediction_type()});
        if (classes_ && options.extra)
            for (int c = 0; c < 2; ++c)
                fields.push_back({"probability_" + class_name(c), Type::float64});
        output_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    frame::Schema const& output() const { return *output_; }

    Block operator()(Block const& block) const {
        std::int64_t const first =
            block.rows() > 0 ? block.column(row_column).values<std::int64_t>()[0] : 0;
        Encoder encoder(recipe_, block.schema(), options_.nulls);
        std::vector<double> x;
        std::vector<std::uint32_t> const rows = encoder.encode(block, first, x);
        std::vector<frame::ColumnBuilder> builders;
        for (Field const& field : output_->fields().subspan(options_.keep.size()))
            builders.emplace_back(field.type);
        GroupKeys keys(block, by_);
        auto const d = static_cast<std::size_t>(encoder.features());
        for (std::size_t i = 0; i < rows.size(); ++i)
            append(builders, table_->find(keys.of(rows[i])), x.data() + i * d, d);
        std::vector<frame::Column> columns;
        for (std::string const& name : options_.keep)
            columns.push_back(block.column(name).take(rows));
        for (auto& builder : builders) columns.push_back(builder.finish());
        return Block(output_, std::move(columns));
    }

  private:
    Type prediction_type() const {
        if (!classes_) return Type::float64;
        if (!recipe_.label_levels.empty()) return Type::text;
        auto const& numbers = recipe_.label_numbers;
        bool const whole = std::all_of(numbers.begin(), numbers.end(),
                                       [](double x) { return x == std::floor(x); });
        return whole ? Type::int64 : Type::float64;
    }

    std::string class_name(std::size_t c) const {
        if (c < recipe_.label_levels.size()) return recipe_.label_levels[c];
        if (c < recipe_.label_numbers.size()) return fmt::format("{}", recipe_.label_numbers[c]);
        return std::to_string(c);
    }

    void append(std::vector<frame::ColumnBuilder>& builders, double const* model, double const* x,
                std::size_t d) const {
        if (!model) {
            for (auto& builder : builders) builder.append_null();
            return;
        }
        double sum = model[0];
        for (std::size_t j = 0; j < d; ++j) sum += model[1 + j] * x[j];
        if (!classes_) {
            builders[0].append(sum);
            return;
        }
        append_class(builders[0], sum > 0);
        if (builders.size() == 1) return;
        double const probability = 1 / (1 + std::exp(-sum));
        builders[1].append(1 - probability);
        builders[2].append(probability);
    }

    void append_class(frame::ColumnBuilder& builder, bool second) const {
        std::size_t const c = second;
        if (builder.type() == Type::text) return builder.append_text(recipe_.label_levels[c]);
        double const value =
            recipe_.label_numbers.empty() ? static_cast<double>(c) : recipe_.label_numbers[c];
        if (builder.type() == Type::int64)
            builder.append(static_cast<std::int64_t>(value));
        else
            builder.append(value);
    }

    std::vector<std::string> by_;
    Recipe recipe_;
    bool classes_;
    std::shared_ptr<ModelTable const> table_;
    ScoreOptions options_;
    std::shared_ptr<frame::Schema const> output_;
};

}  // namespace

frame::Table score_groups(GroupModels const& models, frame::Table const& table,
                          ScoreOptions const& options) {
    Communicator const& comm = table.context().comm();
    Block const rows = models.models.collect();
    frame::Table const input = [&] {
        std::vector<std::string> columns = models.recipe.columns();
        for (auto const* names : {&models.by, &options.keep})
            for (std::string const& name : *names)
                if (std::find(columns.begin(), columns.end(), name) == columns.end())
                    columns.push_back(name);
        return collectively(comm, "", [&] {
            for (std::string const& name : models.by) {
                frame::Type const expected = rows.schema()[rows.schema().index_of(name)].type;
                frame::Type const got = table.schema()[table.schema().index_of(name)].type;
                check(expected == got, "column '{}': expected {}, as models are grouped by, got {}",
                      name, frame::to_string(expected), frame::to_string(got));
            }
            return table.select(columns);
        });
    }();
    frame::Table const numbered = input.with_row_index(row_column);
    auto const scorer = collectively(comm, "", [&] {
        Encoder(models.recipe, numbered.schema(), options.nulls);  // refuses what cannot be scored
        return GroupScorer(models, std::make_shared<ModelTable const>(models, rows),
                           numbered.schema(), options);
    });
    return numbered.map_batches(scorer.output(), scorer, "predict");
}

}  // namespace partita::pipeline
