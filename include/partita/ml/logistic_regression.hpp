#pragma once

#include "partita/core/buffer.hpp"
#include "partita/ml/linear_model.hpp"
#include "partita/ml/training_set.hpp"

#include <vector>

namespace partita::ml {

struct LogisticRegressionOptions {
    bool intercept = true;
    Penalty penalty;
    int max_iterations = 100;
    double tolerance =
        1e-10;        ///< Of the gradient's largest element, for features of unit deviation.
    int threads = 0;  ///< 0 = OpenMP's default.
};

/// P(class c | x) is proportional to exp(intercepts[c] + coefficients[c] . x).
///
/// Binary models hold one row, class 1's, against class 0's score of 0.
struct LogisticModel {
    RealMatrix coefficients;         ///< 1 x features, or classes x features.
    std::vector<double> intercepts;  ///< As many as rows.

    std::int64_t features() const { return coefficients.cols(); }
    std::int64_t classes() const { return coefficients.rows() == 1 ? 2 : coefficients.rows(); }

    /// Probabilities of all classes, rows x classes. Rank-local.
    /// @param probabilities  rows * classes() numbers.
    void predict_probabilities(Reals x, double* probabilities) const;
    void predict_probabilities(SparseRows const& x, double* probabilities) const;

  private:
    void predict_two(Reals x, double* probabilities) const;
};

struct LogisticRegressionFit {
    LogisticModel model;
    FitSummary summary;
    double log_loss = 0;  ///< Mean, without the penalty.
};

/// Logistic regression: mean log loss + penalty, for labels 0 .. classes - 1.
///
/// Collective. Two classes without an l1 penalty and with up to 500 features: Newton's method with
/// step halving, gradient and Hessian in one pass. Else L-BFGS, with an l1 penalty OWL-QN (Andrew
/// and Gao 2007), on features centred and scaled; multinomial (softmax) for more classes. Where a
/// hyperplane separates the classes and nothing is penalised, the optimum lies at infinity: the fit
/// stops there with a warning. If only one label occurs the intercept is infinite, and said so.
///
/// @throws CollectiveError: no rows, no labels, a label that is no class number.
LogisticRegressionFit fit_logistic_regression(Communicator const& comm, TrainingSet const& set,
                                              LogisticRegressionOptions const& options = {});

}  // namespace partita::ml
