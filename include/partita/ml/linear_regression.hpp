#pragma once

#include "partita/ml/linear_model.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace partita::ml {

struct LinearRegressionOptions {
    bool intercept = true;
    Penalty penalty;
    int max_iterations = 1000;  ///< Of coordinate descent, where there is an l1 penalty.
    double tolerance = 1e-12;   ///< Largest change of a standardised coefficient, relative.
    int threads = 0;            ///< 0 = OpenMP's default.
};

struct LinearRegressionFit {
    LinearModel model;
    FitSummary summary;
    double r2 = 0;
    double rmse = 0;                ///< Root of the mean squared residual.
    double residual_deviation = 0;  ///< Standard error of the residuals, n - d degrees of freedom.
};

/// Least squares, with an elastic-net penalty if wanted:
/// 1 / (2 n) sum w (y - prediction)^2 + penalty.
///
/// Collective. One pass forms the centred Gram matrix, whose system is solved by LDL^T (ridge and
/// none) or coordinate descent (Friedman, Hastie and Tibshirani 2010). Where columns are so
/// dependent that it has no safe solution, a second pass makes a QR decomposition, and the
/// solution of least length is taken; the summary says so. Constant features get coefficient 0.
/// The ridge part of the penalty is scaled as glmnet and MLlib do, for a label of unit deviation:
/// strength * (1 - l1_share) / sd(y).
///
/// @throws CollectiveError: no rows, no labels.
LinearRegressionFit fit_linear_regression(Communicator const& comm, TrainingSet const& set,
                                          LinearRegressionOptions const& options = {});

/// Linear regressions that each leave out one fold of the rows, for cross-validation: one pass
/// forms a Gram matrix for each fold, and a fit adds up those of the others.
class LinearRegressionFolds {
  public:
    /// Collective.
    /// @param set      Must outlive this.
    /// @param fold_of  A row's fold, from its number: 0 .. folds - 1. Called by several threads.
    LinearRegressionFolds(Communicator const& comm, TrainingSet const& set,
                          std::function<std::int64_t(std::int64_t)> fold_of, std::int64_t folds,
                          bool intercept = true, int threads = 0);

    /// The fit on all rows but this fold's. Collective; reads rows again only where columns depend
    /// on each other. summary.rows and what is tested with it count all rows.
    LinearRegressionFit fit_without(std::int64_t fold,
                                    LinearRegressionOptions const& options) const;

  private:
    struct State;
    std::shared_ptr<State const> state_;
};

}  // namespace partita::ml
