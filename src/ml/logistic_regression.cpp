#include "partita/ml/logistic_regression.hpp"

#include "ml/coefficient_tests.hpp"
#include "ml/logistic_newton.hpp"
#include "ml/logistic_scaling.hpp"
#include "ml/minimize.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace partita::ml {

namespace {

constexpr std::int64_t most_features_for_newton = 500;

template <class Values>
auto& at(Values& values, std::int64_t i) {
    return values[static_cast<std::size_t>(i)];
}

/// The number of classes: labels are 0 .. classes - 1. Collective.
std::int64_t count_classes(Communicator const& comm, TrainingSet const& set,
                           Moments const& moments) {
    double const largest = moments.maximum.back();
    check_everywhere(
        moments.minimum.back() >= 0 && largest < 1e6,
        "logistic regression: expected class numbers 0, 1, ... as labels, got values from {} to "
        "{}",
        moments.minimum.back(), largest);
    collectively(comm, "logistic regression", [&] {
        RowRange const mine = set.blocking().blocks_of(comm.rank(), comm.size());
        BatchBuffer buffer;
        for (std::int64_t b = mine.first; b < mine.last; ++b) {
            Batch const batch = set.read(set.blocking().block(b), buffer);
            for (std::size_t i = 0; i < batch.y.size(); ++i)
                check(batch.y[i] == std::floor(batch.y[i]),
                      "row {}: expected a class number as label, got {}",
                      batch.rows.first + static_cast<std::int64_t>(i), batch.y[i]);
        }
    });
    return std::max<std::int64_t>(2, static_cast<std::int64_t>(largest) + 1);
}

class LogisticFit {
  public:
    LogisticFit(Communicator const& comm, TrainingSet const& set,
                LogisticRegressionOptions const& options, Moments const& moments)
        : comm_(comm), set_(set), options_(options), moments_(moments), d_(set.features()) {}

    LogisticRegressionFit run() {
        fit_.summary.rows = set_.rows();
        fit_.summary.weight_sum = moments_.weight_sum;
        classes_ = count_classes(comm_, set_, moments_);
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
            fit_.summary.warnings.push_back(
                "a hyperplane separates the classes: coefficients grow without bound, stopped");
        else if (!newton.converged)
            fit_.summary.warnings.push_back("Newton's method did not converge");
        take_scaled(newton.x);
        if (options_.penalty.strength == 0 && !newton.separated) test(newton);
    }

    /// Wald's tests, from the inverse of the Hessian at the optimum.
    void test(NewtonResult const& newton) {
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
        if (!minimum.converged) fit_.summary.warnings.push_back(minimum.trouble);
        std::vector<double> gradient(minimum.x.size());
        evaluate(minimum.x, gradient);
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
        if (classes_ == 2)
            return fold_rows(comm_, set_, BinaryLogisticPartial(d_, point, false), "logistic loss",
                             options_.threads);
        return fold_rows(comm_, set_, SoftmaxPartial(d_, classes_, point), "logistic loss",
                         options_.threads);
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
    LogisticScaling scaling_;
    LogisticRegressionFit fit_;
};

}  // namespace

void LogisticModel::predict_probabilities(Reals x, double* probabilities) const {
    std::int64_t const width = panel_width(features()), most = panel_rows(width);
    std::int64_t const rows = coefficients.rows();
    std::int64_t const columns = (rows + lanes - 1) / lanes * lanes;
    Buffer<double> memory(most * (width + columns) + width * columns);
    double* const panel = memory.data();
    double* const scores = panel + most * width;
    double* const weights = scores + most * columns;
    std::fill_n(weights, width * columns, 0.0);
    // One row of coefficients lies as `multiply` wants it, several by column.
    std::int64_t const stride = rows == 1 ? 1 : columns;
    for (std::int64_t c = 0; c < rows; ++c) {
        for (std::int64_t j = 0; j < features(); ++j)
            weights[j * stride + c] = coefficients.row(c)[j];
        weights[features() * stride + c] = intercepts[static_cast<std::size_t>(c)];
    }
    for_panels({{}, x, {}, {}}, {}, panel, [&](std::int64_t first, std::int64_t n) {
        double* out = probabilities + first * classes();
        if (rows == 1) {
            dense_kernels().multiply(panel, n, width, weights, scores);
            dense_kernels().logistic(scores, n, scores);
            for (std::int64_t i = 0; i < n; ++i, out += 2)
                out[0] = 1 - scores[i], out[1] = scores[i];
            return;
        }
        dense_kernels().multiply_many(panel, n, width, weights, columns, scores);
        softmax_rows(scores, n, rows, columns);
        for (std::int64_t i = 0; i < n; ++i, out += rows)
            std::copy_n(scores + i * columns, rows, out);
    });
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
