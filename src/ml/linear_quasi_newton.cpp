#include "ml/linear_quasi_newton.hpp"

#include "ml/logistic_scaling.hpp"
#include "ml/minimize.hpp"
#include "ml/sparse_logistic.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

/// Sums at a point. State: half the squared residuals, then the gradient (d + 1 numbers, the
/// intercept's last).
class ResidualPartial : public Partial {
  public:
    /// Of dense rows the point's packing is applied; for sparse ones the coefficients are in the
    /// features' own units, and so is the gradient.
    ResidualPartial(std::int64_t features, LogisticPoint point)
        : features_(features), point_(point) {}

    bool takes_sparse() const override { return true; }
    std::int64_t size() const override { return features_ + 2; }

    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        if (!batch.sparse.starts.empty()) return accumulate_sparse(batch, state);
        std::int64_t const width = panel_width(features_), most = panel_rows(width);
        double* const panel = scratch.room(most * (width + 1) + 2 * width);
        double* const residuals = panel + most * width;
        double* const coefficients = residuals + most;
        double* const gradient = coefficients + width;
        std::fill_n(coefficients, 2 * width, 0.0);
        std::ranges::copy(point_.coefficients, coefficients);
        for_panels(batch, point_.packing, panel, [&](std::int64_t first, std::int64_t rows) {
            dense_kernels().multiply(panel, rows, width, coefficients, residuals);
            for (std::int64_t i = 0; i < rows; ++i)
                residuals[i] = add_residual(batch, first + i, residuals[i], state);
            dense_kernels().add_rows(panel, rows, width, residuals, gradient);
        });
        for (std::int64_t j = 0; j <= features_; ++j)
            state[static_cast<std::size_t>(1 + j)] += gradient[j];
    }

  private:
    /// Weight times residual.
    static double add_residual(Batch const& batch, std::int64_t i, double score,
                               std::span<double> state) {
        double const residual = score - batch.y[static_cast<std::size_t>(i)];
        state[0] += batch.weight(i) * residual * residual / 2;
        return batch.weight(i) * residual;
    }

    void accumulate_sparse(Batch const& batch, std::span<double> state) const {
        double* const gradient = state.data() + 1;
        for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
            double const score = sparse_score(batch.sparse, i, point_.coefficients.data(),
                                              point_.coefficients.back());
            double const factor = add_residual(batch, i, score, state);
            batch.sparse.for_entries(i,
                                     [&](std::int32_t j, double x) { gradient[j] += factor * x; });
            gradient[features_] += factor;
        }
    }

    std::int64_t features_;
    LogisticPoint point_;
};

class QuasiNewtonFit {
  public:
    QuasiNewtonFit(Communicator const& comm, TrainingSet const& set,
                   LinearRegressionOptions const& options)
        : comm_(comm),
          set_(set),
          options_(options),
          d_(set.features()),
          moments_(column_moments(comm, set, options.threads)),
          scaling_(moments_, options.penalty, options.intercept, options.penalty.l1() > 0) {}

    LinearRegressionFit run() {
        check_everywhere(moments_.weight_sum > 0,
                         "linear regression: expected rows with positive weight, got none");
        label_mean_ = options_.intercept ? moments_.mean.back() : 0;
        double const mean = moments_.mean.back();
        label_square_ = moments_.squared_deviations.back() / moments_.weight_sum +
                        (options_.intercept ? 0 : mean * mean);
        scale_ridge();
        L1Range const l1{options_.penalty.l1() * scaling_.l1_factor, 0, d_};
        Minimum const minimum =
            minimize(std::vector<double>(static_cast<std::size_t>(d_), 0.0),
                     [&](auto u, auto gradient) { return evaluate(u, gradient); }, l1,
                     {options_.max_iterations, std::max(options_.tolerance, 1e-10)});
        return result(minimum, l1.strength > 0 ? "OWL-QN" : "L-BFGS");
    }

  private:
    /// As glmnet and MLlib: for a label of unit deviation.
    void scale_ridge() {
        double const degrees = moments_.weight_sum - options_.penalty.ddof;
        double const ddof_factor = degrees > 0 ? std::sqrt(moments_.weight_sum / degrees) : 1;
        double const deviation = std::sqrt(label_square_) * ddof_factor;
        for (double& ridge : scaling_.ridge) ridge = deviation > 0 ? ridge / deviation : 0;
    }

    /// Collective: the objective at scaled coefficients; the intercept is the label's mean.
    double evaluate(std::span<double const> u, std::span<double> gradient) {
        std::vector<double> coefficients(u.begin(), u.end());
        coefficients.push_back(label_mean_);
        Packing const packing = scaling_.packing();
        if (set_.sparse()) coefficients = in_own_units(packing, coefficients);
        std::vector<double> sums =
            fold_rows(comm_, set_, ResidualPartial(d_, {packing, coefficients}),
                      "linear regression", options_.threads);
        if (set_.sparse()) scale_gradient(packing, std::span(sums).subspan(1));
        double objective = loss_ = sums[0] / moments_.weight_sum;
        for (std::size_t j = 0; j < u.size(); ++j) {
            double const ridge = scaling_.ridge[j];
            gradient[j] = sums[1 + j] / moments_.weight_sum + ridge * u[j];
            objective += 0.5 * ridge * u[j] * u[j];
        }
        return objective;
    }

    LinearRegressionFit result(Minimum const& minimum, char const* method) {
        LinearRegressionFit fit;
        fit.summary.method = method;
        fit.summary.rows = set_.rows();
        fit.summary.weight_sum = moments_.weight_sum;
        fit.summary.iterations = minimum.iterations;
        fit.summary.converged = minimum.converged;
        fit.summary.objective_history = minimum.history;
        if (!minimum.converged) fit.summary.warnings.push_back(minimum.trouble);
        std::vector<double> gradient(minimum.x.size());
        evaluate(minimum.x, gradient);
        std::vector<double> u = minimum.x;
        u.push_back(label_mean_);
        fit.model.coefficients = in_own_units(scaling_.packing(), u);
        fit.model.intercept = options_.intercept ? fit.model.coefficients.back() : 0;
        fit.model.coefficients.pop_back();
        fit.rmse = std::sqrt(2 * loss_);
        fit.r2 = label_square_ > 0 ? 1 - 2 * loss_ / label_square_ : 0;
        double const degrees = static_cast<double>(set_.rows() - d_ - (options_.intercept ? 1 : 0));
        fit.residual_deviation =
            degrees > 0 ? std::sqrt(2 * loss_ * moments_.weight_sum / degrees) : 0;
        return fit;
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    LinearRegressionOptions const& options_;
    std::int64_t d_;
    Moments moments_;
    LogisticScaling scaling_;
    double label_mean_ = 0, label_square_ = 0, loss_ = 0;
};

}  // namespace

LinearRegressionFit fit_linear_by_quasi_newton(Communicator const& comm, TrainingSet const& set,
                                               LinearRegressionOptions const& options) {
    return QuasiNewtonFit(comm, set, options).run();
}

}  // namespace partita::ml
