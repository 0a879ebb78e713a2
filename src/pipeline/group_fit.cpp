#include "pipeline/group_fit.hpp"

#include "pipeline/linear_options.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

char const* status_of(ml::FitSummary const& summary) {
    return summary.converged ? "fitted" : "not converged";
}

/// The classes that occur, ascending; labels become places in them.
std::vector<double> number_labels(std::vector<double>& y) {
    std::vector<double> present = y;
    std::sort(present.begin(), present.end());
    present.erase(std::unique(present.begin(), present.end()), present.end());
    for (double& label : y)
        label = static_cast<double>(std::lower_bound(present.begin(), present.end(), label) -
                                    present.begin());
    return present;
}

/// A model of the classes that occur as one of all classes, the others with probability 0.
ml::LogisticModel spread(ml::LogisticModel model, std::vector<double> const& present,
                         std::int64_t classes) {
    if (classes == 2) return model;
    ml::LogisticModel all{ml::RealMatrix(classes, model.features()),
                          std::vector<double>(static_cast<std::size_t>(classes), -HUGE_VAL)};
    std::fill_n(all.coefficients.data(), classes * model.features(), 0.0);
    // Of two classes the first one's score is 0.
    std::size_t const implied = present.size() - model.intercepts.size();
    for (std::size_t p = 0; p < present.size(); ++p) {
        auto const c = static_cast<std::int64_t>(present[p]);
        all.intercepts[static_cast<std::size_t>(c)] =
            p < implied ? 0 : model.intercepts[p - implied];
        if (p >= implied)
            std::copy_n(model.coefficients.row(static_cast<std::int64_t>(p - implied)),
                        model.features(), all.coefficients.row(c));
    }
    return all;
}

}  // namespace

GroupFit GroupFitter::fit(std::span<double const> rows, std::int64_t features) const {
    auto const learner = make_learner(kind_, params_, settings_);
    std::int64_t const width = features + learner->needs_label();
    std::int64_t const n = std::ssize(rows) / width;
    if (n < least_rows_) return {"too few rows", nullptr};
    std::vector<double> x, y;
    x.reserve(static_cast<std::size_t>(n * features));
    for (double const* row = rows.data(); row < rows.data() + rows.size(); row += width) {
        x.insert(x.end(), row, row + features);
        if (learner->needs_label()) y.push_back(row[features]);
    }
    ml::Reals const view(x.data(), n, features);
    return learner->classifies() ? fit_classes(view, std::move(y)) : fit_values(view, y);
}

GroupFit GroupFitter::fit_values(ml::Reals x, std::vector<double> const& y) const {
    ml::DenseTrainingSet const set(self_, x, y);
    Fitted const fitted = make_learner(kind_, params_, settings_)->fit(self_, set);
    return {status_of(fitted.summary), fitted.predictor};
}

GroupFit GroupFitter::fit_classes(ml::Reals x, std::vector<double> y) const {
    if (std::all_of(y.begin(), y.end(), [&](double label) { return label == y[0]; }))
        return {"one label", constant(x, y)};
    if (kind_ != "logistic") return fit_values(x, y);
    std::vector<double> const present = number_labels(y);
    ml::DenseTrainingSet const set(self_, x, y);
    auto fit = ml::fit_logistic_regression(self_, set, logistic_options(params_, settings_));
    return {status_of(fit.summary),
            ml::make_predictor(spread(std::move(fit.model), present, settings_.classes))};
}

std::shared_ptr<ml::Predictor const> GroupFitter::constant(ml::Reals x,
                                                           std::vector<double> const& y) const {
    if (kind_ == "logistic") {
        bool const two = settings_.classes == 2;
        ml::LogisticModel model{ml::RealMatrix(1, x.cols),
                                {!two       ? 0
                                 : y[0] > 0 ? HUGE_VAL
                                            : -HUGE_VAL}};
        std::fill_n(model.coefficients.data(), x.cols, 0.0);
        return ml::make_predictor(spread(std::move(model), {y[0]}, settings_.classes));
    }
    // A tree without splits knows one class.
    ml::DenseTrainingSet const set(self_, x, y);
    return make_learner("tree", {{"max-depth", "0"}, {"task", "classification"}}, settings_)
        ->fit(self_, set)
        .predictor;
}

}  // namespace partita::pipeline
