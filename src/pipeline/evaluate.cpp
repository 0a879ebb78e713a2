#include "partita/pipeline/evaluate.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/ml/set_views.hpp"
#include "partita/pipeline/sparse.hpp"

namespace partita::pipeline {

namespace {

void check_predicts(SavedModel const& model) {
    check_everywhere(model.predictor != nullptr,
                     "expected a model that predicts, got one that only transforms columns");
}

void fill(Evaluation& result, dataset::Context const& context, SavedModel const& model,
          ml::TrainingSet const& set, EvaluateOptions const& options) {
    Communicator const& comm = context.comm();
    ml::Predictor const& predictor = *model.predictor;
    check_everywhere(set.rows() > 0, "evaluation: expected rows, got none");
    result.rows = set.rows();
    result.class_names = model.class_names();
    if (predictor.prediction() == ml::PredictionKind::cluster) {
        result.clusters = ml::evaluate_clusters(comm, set, predictor, options.threads);
        return;
    }
    ml::ScoredSet const scored(set, predictor);
    if (predictor.prediction() == ml::PredictionKind::value) {
        result.regression = ml::evaluate_regression(comm, scored, options.threads);
        return;
    }
    result.classes = ml::evaluate_classes(comm, scored, predictor.classes(), options.threads);
    if (predictor.classes() == 2)
        result.binary = evaluate_binary(context, scored, 2, options.curve_points);
}

}  // namespace

Evaluation evaluate(SavedModel const& model, frame::Table const& table,
                    EvaluateOptions const& options) {
    check_predicts(model);
    bool const clusters = model.predictor->prediction() == ml::PredictionKind::cluster;
    Recipe recipe = model.recipe;
    if (!options.label.empty()) recipe.label = options.label;
    if (clusters) recipe.label.clear();
    check_everywhere(clusters || !recipe.label.empty(),
                     "expected the label's column (--label), for the model does not name it");
    LoadOptions load;
    load.nulls = options.nulls;
    load.weights = options.weights;
    frame::Table const prepared =
        collectively(table.context().comm(), "", [&] { return transform(table, model.stages); });
    LoadedRows const loaded = load_rows(prepared, recipe, load);
    Evaluation result;
    result.dropped = loaded.dropped;
    if (model.scale.empty())
        fill(result, table.context(), model, *loaded.set, options);
    else
        fill(result, table.context(), model, ml::ScaledSet(*loaded.set, model.centre, model.scale),
             options);
    return result;
}

Evaluation evaluate_libsvm(SavedModel const& model, dataset::Context const& context,
                           std::string const& path, EvaluateOptions const& options) {
    check_predicts(model);
    Recipe recipe = model.recipe;
    collectively(context.comm(), "", [&] { check_takes_libsvm(model, path); });
    auto const set = load_libsvm(context.comm(), path, recipe, false);
    Evaluation result;
    fill(result, context, model, *set, options);
    return result;
}

}  // namespace partita::pipeline
