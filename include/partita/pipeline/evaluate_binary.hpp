#pragma once

#include "partita/dataset/context.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <vector>

namespace partita::pipeline {

/// What is found when all rows with a score of at least `threshold` are taken for positive.
struct CurvePoint {
    double threshold = 0;
    double true_positives = 0, false_positives = 0;  ///< Rows (weight).
};

/// How well scores tell two classes apart. NaN where only one class occurs.
struct BinaryMetrics {
    double positives = 0, negatives = 0;  ///< Rows (weight).
    double auc_roc = 0;                   ///< Exact; ties count half.
    double auc_pr = 0;             ///< Exact, by trapezoids from (0, first precision), as MLlib.
    double average_precision = 0;  ///< Exact, by steps, as scikit-learn.
    double best_f1 = 0, best_f1_threshold = 0;
    double kolmogorov_smirnov = 0;  ///< Largest (true positive rate - false positive rate).
    /// At most as many points as asked for, by falling threshold, after about equal numbers of
    /// rows; the last one holds all rows.
    std::vector<CurvePoint> curve;
    /// The areas under the curve's points alone, as MLlib's numBins gives.
    double binned_auc_roc = 0, binned_auc_pr = 0;
};

/// Collective. Scores are sorted over the ranks, within the context's memory; no rank holds all.
/// Rows count by weight; same bits for any number of ranks and threads.
///
/// @param scored        See ml::ScoredSet; labels are 0 and 1.
/// @param score_column  2: the probability of class 1, after the class and the probability of 0.
/// @throws CollectiveError: other labels, a score that is NaN, no row of positive weight.
BinaryMetrics evaluate_binary(dataset::Context const& context, ml::TrainingSet const& scored,
                              std::int64_t score_column = 2, std::int64_t curve_points = 100);

}  // namespace partita::pipeline
