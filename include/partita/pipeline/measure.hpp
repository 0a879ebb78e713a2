#pragma once

#include "partita/dataset/context.hpp"
#include "partita/ml/predictor.hpp"
#include "partita/ml/training_set.hpp"

#include <string>
#include <vector>

namespace partita::pipeline {

/// The names of metrics for what a model predicts: "auc", "rmse", "silhouette", ...
std::vector<std::string> metric_names(ml::PredictionKind prediction);
/// What a model is judged by unless told: rmse, log-loss, silhouette.
std::string default_metric(ml::PredictionKind prediction);
/// Whether more of it is better: auc and r2, not rmse.
bool larger_is_better(std::string const& metric);
/// @throws Error with the names that there are, and a suggestion.
void check_metric(std::string const& metric, ml::PredictionKind prediction);

/// One figure for a model on the rows of a set. Collective; see ml/evaluate.hpp for what they mean.
///
/// Of two classes, precision, recall and f1 are class 1's; of more, means weighted by support.
/// @throws CollectiveError: auc of other than two classes; what evaluators throw.
double measure(dataset::Context const& context, ml::TrainingSet const& set,
               ml::Predictor const& predictor, std::string const& metric, int threads = 0);

}  // namespace partita::pipeline
