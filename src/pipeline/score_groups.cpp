#include "pipeline/group_keys.hpp"
#include "pipeline/row_column.hpp"
#include "pipeline/score_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/pipeline/group_models.hpp"

#include <algorithm>
#include <unordered_map>

namespace partita::pipeline {

namespace {

using frame::Block;
using frame::Field;

/// All groups' models, found by key.
class ModelTable {
  public:
    ModelTable(GroupModels const& models, Block const& rows) {
        GroupKeys keys(rows, models.by);
        frame::Column const& status = rows.column("status");
        for (std::int64_t i = 0; i < rows.rows(); ++i)
            if (status.text(i) != "too few rows")
                models_.emplace(keys.of(i), models.has_coefficients()
                                                ? from_coefficients(models, rows, i)
                                                : from_json(models, rows, i));
    }

    /// nullptr when the group has no model.
    ml::Predictor const* find(std::string const& key) const {
        auto const at = models_.find(key);
        return at == models_.end() ? nullptr : at->second.get();
    }

  private:
    using Model = std::shared_ptr<ml::Predictor const>;

    static Model from_coefficients(GroupModels const& models, Block const& rows, std::int64_t i) {
        ml::LinearModel model;
        for (std::string const& name : models.recipe.feature_names())
            model.coefficients.push_back(rows.column("coefficient_" + name).values<double>()[i]);
        model.intercept = rows.column("intercept").values<double>()[i];
        if (models.kind == "linear") return ml::make_predictor(std::move(model));
        ml::LogisticModel two{ml::RealMatrix(1, std::ssize(model.coefficients)), {model.intercept}};
        std::copy(model.coefficients.begin(), model.coefficients.end(), two.coefficients.data());
        return ml::make_predictor(std::move(two));
    }

    static Model from_json(GroupModels const& models, Block const& rows, std::int64_t i) {
        std::string_view const text = rows.column("model").text(i);
        std::size_t const blank = std::min(text.find(' '), text.size());
        Model model =
            ml::read_predictor(std::string(text.substr(0, blank)),
                               std::string(text.substr(std::min(blank + 1, text.size()))));
        check(model->features() == std::ssize(models.recipe.features) &&
                  model->classes() == models.classes,
              "damaged store of models: group {} has a model of {} features and {} classes, "
              "expected {} and {}",
              i, model->features(), model->classes(), models.recipe.features.size(),
              models.classes);
        return model;
    }

    std::unordered_map<std::string, Model> models_;
};

ml::PredictionKind prediction_of(GroupModels const& models) {
    if (models.kind == "kmeans") return ml::PredictionKind::cluster;
    return models.classes > 0 ? ml::PredictionKind::classes : ml::PredictionKind::value;
}

class GroupScorer {
  public:
    GroupScorer(GroupModels const& models, std::shared_ptr<ModelTable const> table,
                frame::Schema const& input, ScoreOptions const& options)
        : by_(models.by),
          recipe_(models.recipe),
          columns_(models.recipe, prediction_of(models), models.classes, options.extra),
          table_(std::move(table)),
          options_(options) {
        std::vector<Field> fields;
        for (std::string const& name : options.keep) fields.push_back(input[input.index_of(name)]);
        fields.insert(fields.end(), columns_.fields().begin(), columns_.fields().end());
        output_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    frame::Schema const& output() const { return *output_; }

    Block operator()(Block const& block) const {
        std::int64_t const first =
            block.rows() > 0 ? block.column(row_column).values<std::int64_t>()[0] : 0;
        Encoder encoder(recipe_, block.schema(), options_.nulls);
        std::vector<double> x;
        std::vector<std::uint32_t> const rows = encoder.encode(block, first, x);
        std::vector<ml::Predictor const*> models;
        GroupKeys keys(block, by_);
        for (std::uint32_t const row : rows) models.push_back(table_->find(keys.of(row)));
        std::vector<frame::Column> columns;
        for (std::string const& name : options_.keep)
            columns.push_back(block.column(name).take(rows));
        for (frame::Column& column : scores(models, x)) columns.push_back(std::move(column));
        return {output_, std::move(columns)};
    }

  private:
    /// Runs of rows with one model are scored together.
    std::vector<frame::Column> scores(std::vector<ml::Predictor const*> const& models,
                                      std::vector<double> const& x) const {
        auto const width = static_cast<std::size_t>(columns_.extra_width());
        std::size_t const d = recipe_.features.size();
        std::vector<double> value(models.size()), extra(models.size() * width);
        std::vector<bool> missing(models.size());
        for (std::size_t i = 0; i < models.size();) {
            std::size_t const from = i;
            while (i < models.size() && models[i] == models[from]) ++i;
            if (models[from])
                models[from]->predict({x.data() + from * d, static_cast<std::int64_t>(i - from),
                                       static_cast<std::int64_t>(d)},
                                      value.data() + from,
                                      width > 0 ? extra.data() + from * width : nullptr);
            else
                std::fill(missing.begin() + static_cast<std::ptrdiff_t>(from),
                          missing.begin() + static_cast<std::ptrdiff_t>(i), true);
        }
        return columns_.columns(value, extra, missing);
    }

    std::vector<std::string> by_;
    Recipe recipe_;
    ScoreColumns columns_;
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
