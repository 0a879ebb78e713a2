#pragma once

#include "partita/dataset/context.hpp"
#include "partita/ml/training_set.hpp"
#include "partita/pipeline/learner.hpp"
#include "partita/pipeline/params.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace partita::pipeline {

/// How rows are held out, and what is measured on them.
struct ValidationOptions {
    std::int64_t folds = 5;  ///< At least 2.
    /// Above 0: one split in place of folds, with about this share of the rows to train on.
    double train_share = 0;
    std::string metric;  ///< See metric_names; "" = default_metric.
    bool scale = false;  ///< Features to mean 0 and deviation 1, by the training rows of each fold.
    std::string class_weights{};  ///< Of training rows, see with_class_weights; "" = none.
    std::uint64_t seed = 0;
    int threads = 0;
};

/// The rows that one fold trains on, and those that it is judged by.
struct FoldSets {
    std::shared_ptr<ml::TrainingSet const> train, test;
    Recipe recipe;  ///< Whether there is an intercept, and which classes the label has.
};

/// What a grid search found.
struct Validation {
    std::string metric;
    std::vector<Params> points;
    std::vector<std::vector<double>> scores;  ///< [point][fold]
    std::int64_t best = 0;                    ///< The best mean; the first of equals.

    std::int64_t folds() const { return scores.empty() ? 0 : std::ssize(scores.front()); }
    double mean(std::int64_t point) const;
    double deviation(std::int64_t point) const;  ///< n - 1; 0 of a single fold.
    /// A line for each point, the best one marked.
    std::string to_text() const;
};

/// Which fold a row is in: a hash of (seed, row), so the same for any number of ranks.
std::int64_t fold_of_row(std::int64_t row, std::uint64_t seed, ValidationOptions const& options);

/// Fit a learner with each setting of the grid on all folds but one, and judge it by that one's
/// rows (Spark's CrossValidator, or TrainValidationSplit with train_share).
///
/// Collective. Where the rows fit an eighth of every rank's memory, ranks and threads fit different
/// points at the same time. Rows that a fold leaves out have weight 0. What comes before the
/// learner (scaling, the Gram matrices of linear regressions) is done once for all points. Same
/// bits for any number of ranks and threads.
/// @param base  Parameters of all points; the grid's replace them.
/// @throws CollectiveError: what make_learner and the evaluators throw; a fold without rows.
Validation cross_validate(dataset::Context const& context, ml::TrainingSet const& set,
                          std::string const& kind, Params const& base, ParamGrid const& grid,
                          ValidationOptions const& options, LearnerSettings const& settings = {});

/// The same for folds that the caller makes, such as a pipeline's, whose first stages have been
/// fitted on the training rows: fold(f) is called once for each. Collective.
Validation validate_folds(dataset::Context const& context, std::int64_t folds,
                          std::function<FoldSets(std::int64_t)> const& fold,
                          std::string const& kind, Params const& base, ParamGrid const& grid,
                          ValidationOptions const& options, LearnerSettings const& settings = {});

}  // namespace partita::pipeline
