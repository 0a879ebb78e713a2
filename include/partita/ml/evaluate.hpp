#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/ml/predictor.hpp"
#include "partita/ml/training_set.hpp"

#include <vector>

namespace partita::ml {

// How good a model's predictions are. All functions are collective, read the rows in one or two
// passes without keeping scores, count rows by their weights, and give the same bits for any number
// of ranks and threads. What needs scores in order (ROC, ranking) is in partita/pipeline.

struct RegressionMetrics {
    double weight_sum = 0;
    double mse = 0, rmse = 0, mae = 0, max_error = 0;
    double r2 = 0;                   ///< 1 - sum (y - p)^2 / sum (y - mean y)^2.
    double explained_variance = 0;   ///< 1 - var(y - p) / var(y), as scikit-learn.
    double prediction_variance = 0;  ///< mean (p - mean y)^2: what MLlib calls explainedVariance.
};

/// @param scored  Column 0 is the prediction (see ScoredSet).
/// @throws CollectiveError: no labels, no row of positive weight.
RegressionMetrics evaluate_regression(Communicator const& comm, TrainingSet const& scored,
                                      int threads = 0);

struct ClassMetrics {
    double precision = 0, recall = 0, f1 = 0;  ///< 0 where nothing was predicted, or occurred.
    double support = 0;                        ///< Rows (weight) of the class.
};

struct ClassificationMetrics {
    RealMatrix confusion;  ///< [label][prediction]: rows (weight).
    std::vector<ClassMetrics> classes;
    double weight_sum = 0;
    double accuracy = 0;
    ClassMetrics weighted;  ///< Means over classes, weighted by support: MLlib's weightedF1, ...
    ClassMetrics macro;     ///< Plain means over the classes that occur or were predicted.
    double log_loss = 0;    ///< Mean -log p(label), p at least 1e-15; NaN without probabilities.
};

/// @param scored   Column 0 is the class predicted; `classes` probabilities may follow.
/// @throws CollectiveError: no labels, labels that are not 0 .. classes - 1, no row of weight.
ClassificationMetrics evaluate_classes(Communicator const& comm, TrainingSet const& scored,
                                       std::int64_t classes, int threads = 0);

struct ClusteringMetrics {
    double weight_sum = 0;
    double cost = 0;  ///< Sum of squared distances to the nearest centre (WSSSE).
    /// Mean over rows of (b - a) / max(a, b): a is the mean squared distance to the other rows of
    /// its cluster, b the least mean squared distance to another cluster's rows. 0 for a row alone
    /// in its cluster; NaN with fewer than two clusters that have rows.
    double silhouette = 0;
    std::vector<double> sizes;  ///< Rows (weight) of each cluster.
};

/// As MLlib's ClusteringEvaluator with squared Euclidean distances: mean distances come from each
/// cluster's sums, on centred features, so the work grows with rows x clusters only.
/// @param set  Features, as the predictor expects them.
ClusteringMetrics evaluate_clusters(Communicator const& comm, TrainingSet const& set,
                                    Predictor const& predictor, int threads = 0);

}  // namespace partita::ml
