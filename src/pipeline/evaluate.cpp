#include "partita/pipeline/evaluate.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/ml/set_views.hpp"

namespace partita::pipeline {

namespace {

void fill(Evaluation& result, dataset::Context const& context, ml::Predictor const& predictor,
          ml::TrainingSet const& set, EvaluateOptions const& options) {
    Communicator const& comm = context.comm();
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
    ml::Predictor const& predictor = *model.predictor;
    bool const clusters = predictor.prediction() == ml::PredictionKind::cluster;
    Recipe recipe = model.recipe;
    if (!options.label.empty()) recipe.label = options.label;
    if (clusters) recipe.label.clear();
    check_everywhere(clusters || !recipe.label.empty(),
                     "expected the label's column (--label), for the model does not name it");
    LoadOptions load;
    load.nulls = options.nulls;
    frame::Table const prepared =
        collectively(table.context().comm(), "", [&] { return transform(table, model.stages); });
    LoadedRows const loaded = load_rows(prepared, recipe, load);
    check_everywhere(loaded.rows() > 0, "evaluation: expected rows, got none");
    Evaluation result;
    result.rows = loaded.rows();
    result.dropped = loaded.dropped;
    result.class_names = model.class_names();
    if (model.scale.empty())
        fill(result, table.context(), predictor, *loaded.set, options);
    else
        fill(result, table.context(), predictor,
             ml::ScaledSet(*loaded.set, model.centre, model.scale), options);
    return result;
}

}  // namespace partita::pipeline
