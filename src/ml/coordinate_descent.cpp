#include "ml/coordinate_descent.hpp"

#include <cmath>

namespace partita::ml {

namespace {

double soft_threshold(double x, double by) {
    if (x > by) return x - by;
    return x < -by ? x + by : 0;
}

}  // namespace

Descent coordinate_descent(Eigen::MatrixXd const& correlation, Eigen::VectorXd const& target,
                           Eigen::VectorXd const& lasso, Eigen::VectorXd const& ridge,
                           double label_square, DescentLimits const& limits) {
    Eigen::Index const d = target.size();
    Descent descent;
    Eigen::VectorXd& b = descent.coefficients;
    b = Eigen::VectorXd::Zero(d);
    Eigen::VectorXd gradient = -target;  // C b - t
    auto const objective = [&] {
        return 0.5 * b.dot(gradient - target) + 0.5 * label_square + lasso.dot(b.cwiseAbs()) +
               0.5 * ridge.dot(b.cwiseAbs2());
    };
    descent.objective_history.push_back(objective());
    double const small = limits.tolerance * std::sqrt(label_square);
    while (descent.iterations < limits.max_iterations && !descent.converged) {
        double largest = 0;
        for (Eigen::Index j = 0; j < d; ++j) {
            double const diagonal = correlation(j, j);
            double const next =
                soft_threshold(diagonal * b[j] - gradient[j], lasso[j]) / (diagonal + ridge[j]);
            double const change = next - b[j];
            if (change == 0) continue;
            gradient += correlation.col(j) * change;
            b[j] = next;
            largest = std::max(largest, std::abs(change));
        }
        ++descent.iterations;
        descent.objective_history.push_back(objective());
        descent.converged = largest <= small;
    }
    return descent;
}

}  // namespace partita::ml
