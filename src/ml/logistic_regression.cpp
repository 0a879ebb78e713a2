#include "partita/ml/logistic_regression.hpp"

#include "ml/coefficient_tests.hpp"
#include "ml/element.hpp"
#include "ml/logistic_newton.hpp"
#include "ml/logistic_scaling.hpp"
#include "ml/logistic_sums.hpp"
#include "ml/minimize.hpp"
#include "ml/sparse_logistic.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/class_labels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace partita::ml {

namespace {

constexpr std::int64_t most_features_for_newton = 500;
constexpr char separated_warning[] =
    "a hyperplane separates the classes: coefficients grow without bound, stopped";

class LogisticFit {
  public:
    LogisticFit(Communicator const& comm, TrainingSet const& set,
                LogisticRegressionOptions const& options, Moments const& moments)
        : comm_(comm), set_(set), options_(options), moments_(moments), d_(set.features()) {}

    LogisticRegressionFit run() {
        fit_.summary.rows = set_.rows();
        fit_.summary.weight_sum = moments_.weight_sum;
        classes_ = count_classes(comm_, set_, "logistic regression");
        bool const newton =
            classes_ == 2 && options_.penalty.l1() == 0 && d_ <= most_features_for_newton;
        scaling_ = LogisticScaling(moments_, options_.penalty, options_.intercept,
                                   options_.penalty.l1() > 0);
        if (moments_.minimum.back() == moments_.maximum.back() && classes_ == 2)
            constant_label();
        else if (newton)
            by_newton();
        else
            by_quasi_newton();
        return std::move(fit_);
    }

  private:
    std::int64_t rows_of_model() const { return classes_ == 2 ? 1 : classes_; }

    void constant_label() {
        bool const positive = moments_.maximum.back() > 0;
        fit_.summary.method = "none";
        fit_.summary.warnings.push_back(
            fmt::format("all labels are {}: the intercept is infinite", positive ? 1 : 0));
        double const infinity = std::numeric_limits<double>::infinity();
        set_model(std::vector<double>(static_cast<std::size_t>(d_), 0.0),
                  {options_.intercept ? (positive ? infinity : -infinity) : 0});
    }

    void by_newton() {
        NewtonResult const newton = fit_by_newton(
            comm_, set_, scaling_,
            {options_.intercept, options_.max_iterations, options_.tolerance, options_.threads});
        fit_.summary.method = "Newton";
        fit_.summary.iterations = newton.iterations;
        fit_.summary.converged = newton.converged;
        fit_.summary.objective_history = newton.history;
        fit_.log_loss = newton.log_loss;
        if (newton.separated)
            fit_.summary.warnings.push_back(separated_warning);
        else if (!newton.converged)
            fit_.summary.warnings.push_back("Newton's method did not converge");
        take_scaled(newton.x);
        if (options_.penalty.strength == 0 && !newton.separated) test(newton);
    }

    /// Wald's tests, from the inverse of the Hessian at the optimum.
    void test(NewtonResult const& newton) {
        if (singular(newton.hessian)) {
            fit_.summary.warnings.push_back(
                "features depend on each other: of all solutions this is one, without errors");
            return;
        }
        Eigen::MatrixXd const inverse =
            newton.hessian.ldlt().solve(Eigen::MatrixXd::Identity(d_ + 1, d_ + 1));
        std::vector<double> errors, estimates;
        Eigen::VectorXd intercept_row(d_ + 1);
        for (std::int64_t j = 0; j < d_; ++j) {
            double const scale = scaling_.scale[static_cast<std::size_t>(j)];
            errors.push_back(scale * std::sqrt(inverse(j, j) / moments_.weight_sum));
            estimates.push_back(fit_.model.coefficients.row(0)[j]);
            intercept_row[j] = -scale * scaling_.centre[static_cast<std::size_t>(j)];
        }
        if (options_.intercept) {
            intercept_row[d_] = 1;
            double const variance = intercept_row.dot(inverse * intercept_row);
            errors.push_back(std::sqrt(variance / moments_.weight_sum));
            estimates.push_back(fit_.model.intercepts[0]);
        }
        test_with_normal(estimates, errors, fit_.summary);
    }

    /// Variables: rows x d scaled coefficients, then the intercepts: so that the l1 penalty's
    /// range leaves these out.
    void by_quasi_newton() {
        std::int64_t const rows = rows_of_model();
        L1Range const l1{options_.penalty.l1() * scaling_.l1_factor, 0, rows * d_};
        Objective const objective = [&](std::span<double const> x, std::span<double> gradient) {
            return evaluate(x, gradient);
        };
        Minimum const minimum =
            minimize(std::vector<double>(static_cast<std::size_t>(rows * (d_ + 1)), 0.0), objective,
                     l1, {options_.max_iterations * 10, options_.tolerance});
        fit_.summary.method = l1.strength > 0 ? "OWL-QN" : "L-BFGS";
        fit_.summary.iterations = minimum.iterations;
        fit_.summary.converged = minimum.converged;
        fit_.summary.objective_history = minimum.history;
        std::vector<double> gradient(minimum.x.size());
        evaluate(minimum.x, gradient);
        if (options_.penalty.strength == 0 && wrong_ == 0 && fit_.log_loss < separated_loss)
            fit_.summary.warnings.push_back(separated_warning);
        else if (!minimum.converged)
            fit_.summary.warnings.push_back(minimum.trouble);
        take_scaled(minimum.x);
    }

    /// Collective: mean loss plus ridge at x, and its gradient.
    double evaluate(std::span<double const> x, std::span<double> gradient) {
        std::int64_t const rows = rows_of_model(), stride = d_ + 1;
        std::vector<double> coefficients(static_cast<std::size_t>(rows * stride), 0.0);
        for (std::int64_t c = 0; c < rows; ++c) {
            for (std::int64_t j = 0; j < d_; ++j)
                at(coefficients, c * stride + j) = at(x, c * d_ + j);
            if (options_.intercept) at(coefficients, c * stride + d_) = at(x, rows * d_ + c);
        }
        std::vector<double> const state = sums({scaling_.packing(), coefficients});
        double const n = moments_.weight_sum;
        wrong_ = state[1];
        for (std::int64_t c = 0; c < rows; ++c) {
            for (std::int64_t j = 0; j < d_; ++j)
                at(gradient, c * d_ + j) =
                    at(state, 3 + c * stride + j) / n +
                    scaling_.ridge[static_cast<std::size_t>(j)] * at(x, c * d_ + j);
            at(gradient, rows * d_ + c) =
                options_.intercept ? at(state, 3 + c * stride + d_) / n : 0;
        }
        fit_.log_loss = state[0] / n;
        double penalty = 0;
        for (std::int64_t i = 0; i < rows * d_; ++i)
            penalty += 0.5 * scaling_.ridge[static_cast<std::size_t>(i % d_)] * at(x, i) * at(x, i);
        return fit_.log_loss + penalty;
    }

    std::vector<double> sums(LogisticPoint const& point) const {
        return classes_ == 2 ? binary_logistic_sums(comm_, set_, point, false, options_.threads)
                             : softmax_sums(comm_, set_, classes_, point, options_.threads);
    }

    /// Back to the features' own units.
    void take_scaled(std::vector<double> const& x) {
        std::int64_t const rows = rows_of_model();
        std::vector<double> coefficients, intercepts;
        for (std::int64_t c = 0; c < rows; ++c) {
            double intercept = at(x, rows * d_ + c);
            for (std::int64_t j = 0; j < d_; ++j) {
                coefficients.push_back(at(x, c * d_ + j) * at(scaling_.scale, j));
                intercept -= coefficients.back() * at(scaling_.centre, j);
            }
            intercepts.push_back(options_.intercept ? intercept : 0);
        }
        // Softmax intercepts are not penalised and free up to a constant: take mean 0.
        if (classes_ > 2) centre_intercepts(intercepts);
        set_model(coefficients, intercepts);
    }

    static void centre_intercepts(std::vector<double>& intercepts) {
        double mean = 0;
        for (double const value : intercepts)
            mean += value / static_cast<double>(intercepts.size());
        for (double& value : intercepts) value -= mean;
    }

    void set_model(std::vector<double> const& coefficients, std::vector<double> intercepts) {
        fit_.model.coefficients = RealMatrix(static_cast<std::int64_t>(intercepts.size()), d_);
        std::copy(coefficients.begin(), coefficients.end(), fit_.model.coefficients.data());
        fit_.model.intercepts = std::move(intercepts);
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    LogisticRegressionOptions const& options_;
    Moments const& moments_;
    std::int64_t d_, classes_ = 2;
    double wrong_ = 0;  // weight of rows that are not on their class's side
    LogisticScaling scaling_;
    LogisticRegressionFit fit_;
};

}  // namespace

void LogisticModel::predict_probabilities(Reals x, double* probabilities) const {
    if (classes() == 2) return predict_two(x, probabilities);
    std::int64_t const width = panel_width(features()), most = panel_rows(width);
    std::int64_t const rows = coefficients.rows();
    std::int64_t const columns = (rows + lanes - 1) / lanes * lanes;
    Buffer<double> memory(most * (width + columns) + width * columns);
    double* const panel = memory.data();
    double* const scores = panel + most * width;
    double* const weights = scores + most * columns;
    std::fill_n(weights, width * columns, 0.0);
    for (std::int64_t c = 0; c < rows; ++c) {
        for (std::int64_t j = 0; j < features(); ++j)
            weights[j * columns + c] = coefficients.row(c)[j];
        weights[features() * columns + c] = intercepts[static_cast<std::size_t>(c)];
    }
    for_panels({{}, x, {}, {}, {}}, {}, panel, [&](std::int64_t first, std::int64_t n) {
        double* out = probabilities + first * classes();
        dense_kernels().multiply_many(panel, n, width, weights, columns, scores);
        softmax_rows(scores, n, rows, columns);
        for (std::int64_t i = 0; i < n; ++i, out += rows)
            std::copy_n(scores + i * columns, rows, out);
    });
}

void LogisticModel::predict_two(Reals x, double* probabilities) const {
    constexpr std::int64_t most = 2048, many = std::int64_t{1} << 18;
    double scores[most];
    for (std::int64_t first = 0; first < x.rows; first += most) {
        std::int64_t const rows = std::min(most, x.rows - first);
        dense_kernels().score(x.row_data(first), rows, x.cols, coefficients.row(0), intercepts[0],
                              scores);
        dense_kernels().logistic_pairs(scores, rows, probabilities + 2 * first, x.rows >= many);
    }
}

void LogisticModel::predict_probabilities(SparseRows const& x, double* probabilities) const {
    for (std::int64_t i = 0; i < x.rows(); ++i, probabilities += classes()) {
        if (classes() == 2) {
            double const z = sparse_score(x, i, coefficients.row(0), intercepts[0]);
            dense_kernels().logistic(&z, 1, probabilities + 1);
            probabilities[0] = 1 - probabilities[1];
            continue;
        }
        for (std::int64_t c = 0; c < classes(); ++c)
            probabilities[c] =
                sparse_score(x, i, coefficients.row(c), intercepts[static_cast<std::size_t>(c)]);
        softmax_rows(probabilities, 1, classes(), classes());
    }
}

LogisticRegressionFit fit_logistic_regression(Communicator const& comm, TrainingSet const& set,
                                              LogisticRegressionOptions const& options) {
    check_everywhere(set.labelled(),
                     "logistic regression: expected a label for each row, got none");
    Moments const moments = column_moments(comm, set, options.threads);
    check_everywhere(moments.weight_sum > 0,
                     "logistic regression: expected rows with positive weight, got none");
    return LogisticFit(comm, set, options, moments).run();
}

}  // namespace partita::ml
