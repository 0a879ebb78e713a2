#include "partita/ml/linear_regression.hpp"

#include "ml/coefficient_tests.hpp"
#include "ml/constant_feature.hpp"
#include "ml/coordinate_descent.hpp"
#include "ml/gram.hpp"
#include "ml/linear_quasi_newton.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/set_views.hpp"

#include <cmath>

#include <fmt/core.h>

namespace partita::ml {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A pivot of the correlation matrix below this means columns that depend on each other to more
/// than the normal equations can tell (they square the condition number).
constexpr double least_correlation_pivot = 1e-9;

/// Beyond these a matrix of features x features costs more than passes over the rows.
constexpr std::int64_t most_features = 4096, most_sparse_features = 512;

/// Near the means, but no mean may be taken off where there is no intercept. Sparse rows are
/// centred afterwards, in closed form.
std::vector<double> gram_centre(Communicator const& comm, TrainingSet const& set, bool intercept) {
    std::vector<double> centre(static_cast<std::size_t>(set.features() + 1), 0.0);
    if (!set.sparse() && intercept) centre = first_block_means(comm, set);
    return centre;
}

class LinearFit {
  public:
    LinearFit(Communicator const& comm, TrainingSet const& set,
              LinearRegressionOptions const& options)
        : comm_(comm), set_(set), options_(options), d_(set.features()) {}

    LinearRegressionFit run() {
        std::vector<double> const centre = gram_centre(comm_, set_, options_.intercept);
        return run(gram_of(comm_, set_, centre, options_.threads), centre);
    }

    LinearRegressionFit run(Gram const& gram, std::vector<double> const& centre) {
        centre_ = centre;
        weight_sum_ = gram.weight_sum();
        check_everywhere(weight_sum_ > 0,
                         "linear regression: expected rows with positive weight, got none");
        remove_means(gram);
        scale_columns();
        solve();
        return result();
    }

  private:
    /// covariance_, cross_ and label_square_: sums of products of deviations from the mean.
    void remove_means(Gram const& gram) {
        VectorXd const sums = gram.matrix.row(d_).head(d_);
        double const label_sum = gram.matrix(d_, d_ + 1);
        covariance_ = gram.matrix.topLeftCorner(d_, d_);
        cross_ = gram.matrix.col(d_ + 1).head(d_);
        label_square_ = gram.matrix(d_ + 1, d_ + 1);
        mean_ = VectorXd::Zero(d_);
        label_mean_ = 0;
        if (!options_.intercept) return;
        covariance_ -= sums * sums.transpose() / weight_sum_;
        cross_ -= sums * (label_sum / weight_sum_);
        label_square_ -= label_sum * label_sum / weight_sum_;
        mean_ = sums / weight_sum_ + Eigen::Map<VectorXd const>(centre_.data(), d_);
        label_mean_ = label_sum / weight_sum_ + centre_.back();
    }

    /// scale_: standard deviations, 0 for constant columns.
    void scale_columns() {
        scale_.resize(d_);
        for (std::int64_t j = 0; j < d_; ++j) {
            double const square = covariance_(j, j) / weight_sum_;
            double const size = std::abs(mean_[j]) * constant_share;
            bool const varies = square > 0 && std::sqrt(square) > size;
            scale_[j] = varies ? std::sqrt(square) : 0;
        }
        double const degrees = weight_sum_ - options_.penalty.ddof;
        ddof_factor_ = degrees > 0 ? std::sqrt(weight_sum_ / degrees) : 1;
    }

    double inverse_scale(std::int64_t j) const { return scale_[j] > 0 ? 1 / scale_[j] : 0; }

    /// Penalty factors of coefficients of columns with unit deviation: what a strength of 1 on the
    /// penalised scale means there.
    VectorXd penalty_factors() const {
        VectorXd factors(d_);
        for (std::int64_t j = 0; j < d_; ++j)
            factors[j] = options_.penalty.standardize ? ddof_factor_ : inverse_scale(j);
        return factors;
    }

    void solve() {
        VectorXd const inverse =
            VectorXd::NullaryExpr(d_, [&](auto j) { return inverse_scale(j); });
        MatrixXd correlation = inverse.asDiagonal() * covariance_ * inverse.asDiagonal();
        correlation /= weight_sum_;
        VectorXd const target = inverse.asDiagonal() * cross_ / weight_sum_;
        for (std::int64_t j = 0; j < d_; ++j)
            if (scale_[j] == 0) correlation(j, j) = 1;
        Penalty const& penalty = options_.penalty;
        double const label_deviation = std::sqrt(label_square_ / weight_sum_) * ddof_factor_;
        VectorXd const factors = penalty_factors();
        VectorXd const ridge =
            label_deviation > 0
                ? VectorXd(factors.array().square() * (penalty.l2() / label_deviation))
                : VectorXd::Zero(d_);
        if (penalty.l1() > 0) {
            solve_by_descent(correlation, target, factors * penalty.l1(), ridge);
        } else {
            correlation.diagonal() += ridge;
            solve_directly(correlation, target, penalty.l2() == 0);
        }
        coefficients_ = inverse.asDiagonal() * standardized_;
    }

    void solve_by_descent(MatrixXd const& correlation, VectorXd const& target,
                          VectorXd const& lasso, VectorXd const& ridge) {
        fit_.summary.method = "coordinate descent";
        Descent const descent =
            coordinate_descent(correlation, target, lasso, ridge, label_square_ / weight_sum_,
                               {options_.max_iterations, options_.tolerance});
        standardized_ = descent.coefficients;
        fit_.summary.iterations = descent.iterations;
        fit_.summary.converged = descent.converged;
        fit_.summary.objective_history = descent.objective_history;
        if (!descent.converged)
            fit_.summary.warnings.push_back("coordinate descent did not converge");
    }

    void solve_directly(MatrixXd const& correlation, VectorXd const& target, bool tests) {
        Eigen::LDLT<MatrixXd> const factors(correlation);
        if (d_ > 0 && factors.vectorD().minCoeff() < least_correlation_pivot)
            return set_.sparse() ? solve_by_rank(correlation, target) : solve_by_qr();
        fit_.summary.method = "normal equations";
        standardized_ = factors.solve(target);
        if (tests) inverse_ = factors.solve(MatrixXd::Identity(d_, d_));
    }

    /// The triangular factor holds [x, 1, y]: its last column is the target.
    void solve_by_qr() {
        fit_.summary.method = "QR decomposition";
        MatrixXd const factor = triangular_factor(comm_, set_, means(), options_.threads);
        MatrixXd scaled = factor.topLeftCorner(d_ + 2, d_);
        for (std::int64_t j = 0; j < d_; ++j) scaled.col(j) *= inverse_scale(j);
        solve_shortest(scaled, factor.col(d_ + 1), 1e-11);
    }

    /// Sparse rows have no QR decomposition here: what the correlation matrix can tell must do.
    void solve_by_rank(MatrixXd correlation, VectorXd const& target) {
        fit_.summary.method = "normal equations of lower rank";
        for (std::int64_t j = 0; j < d_; ++j)
            if (scale_[j] == 0) correlation(j, j) = 0;
        solve_shortest(correlation, target, least_correlation_pivot);
    }

    void solve_shortest(MatrixXd const& matrix, VectorXd const& target, double threshold) {
        Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition;
        decomposition.setThreshold(threshold);
        decomposition.compute(matrix);
        standardized_ = decomposition.solve(target);
        if (decomposition.rank() < varying_columns())
            fit_.summary.warnings.push_back(
                fmt::format("{} of {} features depend on others: of all solutions this is the "
                            "one of least length",
                            varying_columns() - decomposition.rank(), d_));
    }

    std::int64_t varying_columns() const { return (scale_.array() > 0).count(); }

    std::vector<double> means() const {
        std::vector<double> all(mean_.data(), mean_.data() + d_);
        all.push_back(label_mean_);
        return all;
    }

    LinearRegressionFit result() {
        fit_.model.coefficients.assign(coefficients_.data(), coefficients_.data() + d_);
        fit_.model.intercept = options_.intercept ? label_mean_ - mean_.dot(coefficients_) : 0;
        fit_.summary.rows = set_.rows();
        fit_.summary.weight_sum = weight_sum_;
        double const explained = coefficients_.dot(2 * cross_ - covariance_ * coefficients_);
        double const residual = std::max(0.0, label_square_ - explained);
        fit_.r2 = label_square_ > 0 ? 1 - residual / label_square_ : 0;
        fit_.rmse = std::sqrt(residual / weight_sum_);
        double const degrees = static_cast<double>(set_.rows()) -
                               static_cast<double>(varying_columns()) -
                               (options_.intercept ? 1 : 0);
        fit_.residual_deviation = degrees > 0 ? std::sqrt(residual / degrees) : 0;
        if (inverse_.size() > 0 && degrees > 0) test_coefficients(degrees);
        return fit_;
    }

    void test_coefficients(double degrees) {
        double const variance = fit_.residual_deviation * fit_.residual_deviation;
        std::vector<double> errors;
        VectorXd scaled_mean(d_);
        for (std::int64_t j = 0; j < d_; ++j) {
            double const inverse = inverse_scale(j);
            errors.push_back(inverse * std::sqrt(variance * inverse_(j, j) / weight_sum_));
            scaled_mean[j] = mean_[j] * inverse;
        }
        std::vector<double> estimates = fit_.model.coefficients;
        if (options_.intercept) {
            double const spread = scaled_mean.dot(inverse_ * scaled_mean);
            errors.push_back(std::sqrt(variance * (1 + spread) / weight_sum_));
            estimates.push_back(fit_.model.intercept);
        }
        test_with_student_t(estimates, errors, degrees, fit_.summary);
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    LinearRegressionOptions const& options_;
    std::int64_t d_;
    std::vector<double> centre_;
    double weight_sum_ = 0, label_mean_ = 0, label_square_ = 0, ddof_factor_ = 1;
    VectorXd mean_, scale_, cross_, standardized_, coefficients_;
    MatrixXd covariance_;
    MatrixXd inverse_;  // of the correlation matrix, where the coefficients can be tested
    LinearRegressionFit fit_;
};

}  // namespace

LinearRegressionFit fit_linear_regression(Communicator const& comm, TrainingSet const& set,
                                          LinearRegressionOptions const& options) {
    check_everywhere(set.labelled(), "linear regression: expected a label for each row, got none");
    std::int64_t const most = set.sparse() ? most_sparse_features : most_features;
    if (set.features() > most) return fit_linear_by_quasi_newton(comm, set, options);
    return LinearFit(comm, set, options).run();
}

struct LinearRegressionFolds::State {
    Communicator comm;
    TrainingSet const& set;
    std::function<std::int64_t(std::int64_t)> fold_of;
    bool intercept;
    std::vector<double> centre;
    std::vector<Gram> grams;
};

LinearRegressionFolds::LinearRegressionFolds(Communicator const& comm, TrainingSet const& set,
                                             std::function<std::int64_t(std::int64_t)> fold_of,
                                             std::int64_t folds, bool intercept, int threads) {
    check_everywhere(set.labelled(), "linear regression: expected a label for each row, got none");
    std::vector<double> centre = gram_centre(comm, set, intercept);
    std::vector<Gram> grams = fold_grams(comm, set, centre, fold_of, folds, threads);
    state_ = std::make_shared<State>(
        State{comm, set, std::move(fold_of), intercept, std::move(centre), std::move(grams)});
}

LinearRegressionFit LinearRegressionFolds::fit_without(
    std::int64_t fold, LinearRegressionOptions const& options) const {
    check_everywhere(options.intercept == state_->intercept,
                     "linear regression: expected the intercept that folds were made for");
    std::int64_t const d = state_->set.features() + 2;
    Gram train{Eigen::MatrixXd::Zero(d, d)};
    // Added up, not taken off the total: what is left of a small difference would have few digits.
    for (std::int64_t f = 0; f < std::ssize(state_->grams); ++f)
        if (f != fold) train.matrix += state_->grams[static_cast<std::size_t>(f)].matrix;
    RowSubset const rows(state_->set,
                         [this, fold](std::int64_t row) { return state_->fold_of(row) != fold; });
    return LinearFit(state_->comm, rows, options).run(train, state_->centre);
}

}  // namespace partita::ml
