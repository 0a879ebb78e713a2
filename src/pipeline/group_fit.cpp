#include "pipeline/group_fit.hpp"

#include "pipeline/linear_options.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

GroupFit from_linear(ml::LinearRegressionFit const& fit) {
    return {fit.summary.converged ? "fitted" : "not converged", true, fit.model.intercept,
            fit.model.coefficients};
}

GroupFit from_logistic(ml::LogisticRegressionFit const& fit) {
    double const* const row = fit.model.coefficients.row(0);
    return {fit.summary.converged ? "fitted" : "not converged", true, fit.model.intercepts[0],
            std::vector<double>(row, row + fit.model.features())};
}

}  // namespace

GroupFit GroupFitter::fit(std::span<double const> rows, std::int64_t features) const {
    auto const width = static_cast<std::size_t>(features + 1);
    std::int64_t const n = std::ssize(rows) / (features + 1);
    if (n < least_rows_) return {"too few rows", false, 0, {}};
    std::vector<double> x, y;
    x.reserve(static_cast<std::size_t>(n * features));
    for (std::size_t at = 0; at < rows.size(); at += width) {
        x.insert(x.end(), rows.begin() + static_cast<std::ptrdiff_t>(at),
                 rows.begin() + static_cast<std::ptrdiff_t>(at + width - 1));
        y.push_back(rows[at + width - 1]);
    }
    LearnerSettings const settings{intercept_, 0, 1};
    ml::DenseTrainingSet const set(self_, {x.data(), n, features}, y);
    if (kind_ == "linear")
        return from_linear(
            ml::fit_linear_regression(self_, set, linear_options(params_, settings)));
    if (std::all_of(y.begin(), y.end(), [&](double label) { return label == y[0]; }))
        return {"one label", true, y[0] > 0 ? HUGE_VAL : -HUGE_VAL,
                std::vector<double>(static_cast<std::size_t>(features), 0.0)};
    return from_logistic(
        ml::fit_logistic_regression(self_, set, logistic_options(params_, settings)));
}

}  // namespace partita::pipeline
