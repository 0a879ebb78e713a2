#include "partita/pipeline/pipeline.hpp"

#include "pipeline/row_column.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/set_views.hpp"

namespace partita::pipeline {

namespace {}  // namespace

Pipeline& Pipeline::learn(std::string kind, std::string formula, Params params) {
    make_learner(kind, params);  // refuses what does not exist
    kind_ = std::move(kind);
    formula_ = std::move(formula);
    params_ = std::move(params);
    return *this;
}

Pipeline& Pipeline::scale_features(bool scale) {
    scale_ = scale;
    return *this;
}

Pipeline& Pipeline::seed(std::uint64_t seed) {
    seed_ = seed;
    return *this;
}

Pipeline& Pipeline::nulls(Nulls nulls) {
    nulls_ = nulls;
    return *this;
}

std::unique_ptr<Learner> Pipeline::learner(bool intercept, int threads) const {
    check(!kind_.empty(), "pipeline: expected a learner (learn), got none");
    return make_learner(kind_, params_, {intercept, seed_, threads});
}

Transformers Pipeline::fit_stages(frame::Table const& table) const {
    Transformers fitted;
    Communicator const& comm = table.context().comm();
    for (auto const& stage : stages_) {
        frame::Table const input = collectively(comm, "", [&] { return transform(table, fitted); });
        fitted.push_back(stage->fit(input));
    }
    return fitted;
}

/// A model without its learner's part. Labels and texts are those of `all` rows.
SavedModel Pipeline::prepared(frame::Table const& table, frame::Table const& all,
                              Transformers stages) const {
    SavedModel model;
    model.stages = std::move(stages);
    frame::Table const columns =
        collectively(table.context().comm(), "", [&] { return transform(all, model.stages); });
    Formula const formula = collectively(table.context().comm(), "", [&] {
        return parse_formula(formula_, columns.schema().names());
    });
    model.recipe = fit_recipe(columns, formula);
    return model;
}

SavedModel Pipeline::fit(frame::Table const& table, Fitted* fitted) const {
    Communicator const& comm = table.context().comm();
    int const threads = table.context().threads();
    bool const classify =
        collectively(comm, "", [&] { return learner(true, threads)->classifies(); });
    SavedModel model = prepared(table, table, fit_stages(table));
    LoadOptions load{nulls_};
    load.classify = classify;
    frame::Table const columns =
        collectively(comm, "", [&] { return transform(table, model.stages); });
    LoadedRows const rows = load_rows(columns, model.recipe, load);
    model.rows = rows.rows();
    std::shared_ptr<ml::TrainingSet const> set = rows.set;
    if (scale_) {
        auto const scaling = ml::standardization_of(comm, *rows.set, 0, threads);
        model.centre = scaling.centre;
        model.scale = scaling.scale;
        set = std::make_shared<ml::ScaledSet>(*rows.set, scaling.centre, scaling.scale);
    }
    Fitted result = learner(model.recipe.intercept, threads)->fit(comm, *set);
    model.predictor = result.predictor;
    model.summary = result.summary;
    model.results = result.results;
    if (fitted) *fitted = std::move(result);
    return model;
}

Validation Pipeline::cross_validate(frame::Table const& table, ParamGrid const& grid,
                                    ValidationOptions const& options) const {
    bool const classify =
        collectively(table.context().comm(), "", [&] { return learner(true, 0)->classifies(); });
    check_everywhere(options.folds >= 2 || options.train_share > 0,
                     "validation: expected at least 2 folds, got {}", options.folds);
    ValidationOptions own = options;
    own.scale = options.scale || scale_;
    auto const fold = [&](std::int64_t f) {
        auto const part = [&](bool test) {
            return rows_where(table, [own, f, test](std::int64_t row) {
                return (fold_of_row(row, own.seed, own) == f) == test;
            });
        };
        frame::Table const train = part(false), test = part(true);
        SavedModel model = prepared(train, table, fit_stages(train));
        LoadOptions load{nulls_};
        load.classify = classify;
        auto const loaded = [&](frame::Table const& rows) {
            frame::Table const columns = collectively(
                table.context().comm(), "", [&] { return transform(rows, model.stages); });
            return load_rows(columns, model.recipe, load).set;
        };
        // The training rows first: the classes' numbers are theirs.
        auto const train_set = loaded(train);
        return FoldSets{train_set, loaded(test), model.recipe};
    };
    std::int64_t const folds = options.train_share > 0 ? 1 : options.folds;
    return validate_folds(table.context(), folds, fold, kind_, params_, grid, own,
                          {true, seed_, options.threads});
}

frame::Table rows_where(frame::Table const& table, RowFilter const& chosen) {
    frame::Table const numbered = table.with_row_index(row_column);
    std::vector<std::int64_t> columns;
    for (std::int64_t c = 0; c < table.schema().size(); ++c) columns.push_back(c);
    return numbered.map_batches(
        table.schema(),
        [chosen, columns, schema = table.shared_schema()](frame::Block const& block) {
            std::int64_t const* const row =
                block.column(row_column).template values<std::int64_t>();
            std::vector<std::uint32_t> kept;
            for (std::int64_t i = 0; i < block.rows(); ++i)
                if (chosen(row[i])) kept.push_back(static_cast<std::uint32_t>(i));
            return block.select(columns, schema).take(kept);
        },
        "rows_where");
}

}  // namespace partita::pipeline
