#pragma once

#include <vector>

#include <Eigen/Dense>

namespace partita::ml {

struct DescentLimits {
    int max_iterations;
    double tolerance;  ///< Largest change of a coefficient in a sweep, in parts of the label's
                       ///< deviation.
};

struct Descent {
    Eigen::VectorXd coefficients;
    std::vector<double> objective_history;
    int iterations = 0;
    bool converged = false;
};

/// Minimises b' C b / 2 - b' t + label_square / 2 + sum lasso_j |b_j| + sum ridge_j b_j^2 / 2, one
/// coefficient at a time (Friedman, Hastie and Tibshirani 2010, with covariance updates).
/// @param correlation  C: d x d, symmetric, positive diagonal.
Descent coordinate_descent(Eigen::MatrixXd const& correlation, Eigen::VectorXd const& target,
                           Eigen::VectorXd const& lasso, Eigen::VectorXd const& ridge,
                           double label_square, DescentLimits const& limits);

}  // namespace partita::ml
