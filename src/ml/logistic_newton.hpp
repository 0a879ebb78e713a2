#pragma once

#include "ml/logistic_scaling.hpp"

#include "partita/comm/communicator.hpp"

#include <vector>

#include <Eigen/Dense>

namespace partita::ml {

struct NewtonOptions {
    bool intercept;
    int max_iterations;
    double tolerance;  ///< Of the gradient's largest element.
    int threads;
};

struct NewtonResult {
    std::vector<double> x;    ///< Scaled coefficients, the intercept's last.
    Eigen::MatrixXd hessian;  ///< Of the mean loss plus penalty, at x.
    double log_loss = 0;
    std::vector<double> history;
    int iterations = 0;
    bool converged = false, separated = false;
};

/// With all rows on their side and a mean loss below this, the optimum is at infinity.
constexpr double separated_loss = 1e-3;

/// The solution of H x = b, for a positive semi-definite H; of a singular one the shortest.
Eigen::MatrixXd solve_semidefinite(Eigen::MatrixXd const& h, Eigen::MatrixXd const& b);

/// Whether the rows and columns of a positive semi-definite matrix depend on each other.
bool singular(Eigen::MatrixXd const& h);

/// Newton's method with step halving for two classes. Collective; one pass over the data and one
/// solve, the same on every rank, for each step tried.
NewtonResult fit_by_newton(Communicator const& comm, TrainingSet const& set,
                           LogisticScaling const& scaling, NewtonOptions const& options);

}  // namespace partita::ml
