#include "partita/pipeline/measure.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/ml/evaluate.hpp"
#include "partita/ml/set_views.hpp"
#include "partita/pipeline/evaluate_binary.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

double regression(ml::RegressionMetrics const& m, std::string const& metric) {
    if (metric == "rmse") return m.rmse;
    if (metric == "mse") return m.mse;
    if (metric == "mae") return m.mae;
    if (metric == "r2") return m.r2;
    return m.explained_variance;
}

double classification(ml::ClassificationMetrics const& m, std::string const& metric) {
    if (metric == "accuracy") return m.accuracy;
    if (metric == "log-loss") return m.log_loss;
    ml::ClassMetrics const& one = m.classes.size() == 2 ? m.classes[1] : m.weighted;
    if (metric == "precision") return one.precision;
    if (metric == "recall") return one.recall;
    return one.f1;
}

bool is_area(std::string const& metric) { return metric.starts_with("auc"); }

}  // namespace

std::vector<std::string> metric_names(ml::PredictionKind prediction) {
    switch (prediction) {
        case ml::PredictionKind::value:
            return {"rmse", "mse", "mae", "r2", "explained-variance"};
        case ml::PredictionKind::classes:
            return {"log-loss", "accuracy", "auc", "auc-pr", "f1", "precision", "recall"};
        case ml::PredictionKind::cluster:
            return {"silhouette", "cost"};
    }
    return {};
}

std::string default_metric(ml::PredictionKind prediction) {
    return metric_names(prediction).front();
}

bool larger_is_better(std::string const& metric) {
    static std::vector<std::string> const losses{"rmse", "mse", "mae", "log-loss", "cost"};
    return std::find(losses.begin(), losses.end(), metric) == losses.end();
}

void check_metric(std::string const& metric, ml::PredictionKind prediction) {
    std::vector<std::string> const names = metric_names(prediction);
    check(std::find(names.begin(), names.end(), metric) != names.end(),
          "metric: expected {}, got '{}'{}", one_of(names), metric, did_you_mean(metric, names));
}

double measure(dataset::Context const& context, ml::TrainingSet const& set,
               ml::Predictor const& predictor, std::string const& metric, int threads) {
    Communicator const& comm = context.comm();
    collectively(comm, "", [&] { check_metric(metric, predictor.prediction()); });
    if (predictor.prediction() == ml::PredictionKind::cluster) {
        auto const m = ml::evaluate_clusters(comm, set, predictor, threads);
        return metric == "cost" ? m.cost : m.silhouette;
    }
    ml::ScoredSet const scored(set, predictor);
    if (predictor.prediction() == ml::PredictionKind::value)
        return regression(ml::evaluate_regression(comm, scored, threads), metric);
    if (!is_area(metric))
        return classification(ml::evaluate_classes(comm, scored, predictor.classes(), threads),
                              metric);
    check_everywhere(predictor.classes() == 2, "metric {}: expected two classes, got {}", metric,
                     predictor.classes());
    BinaryMetrics const m = evaluate_binary(context, scored, 2, 1);
    return metric == "auc" ? m.auc_roc : m.auc_pr;
}

}  // namespace partita::pipeline
