#include "partita/pipeline/learner.hpp"

#include "pipeline/learner_kinds.hpp"
#include "pipeline/linear_options.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"

#include <cmath>

#include <fmt/ranges.h>

namespace partita::pipeline {

namespace {

std::vector<std::string> const penalty_names{"penalty", "l1-share", "raw-penalty", "ddof"};

std::vector<std::string> with_penalty(std::vector<std::string> names) {
    names.insert(names.begin(), penalty_names.begin(), penalty_names.end());
    return names;
}

ml::Penalty penalty_of(Params const& params) {
    ml::Penalty penalty;
    penalty.strength = params.number("penalty", 0, 0, HUGE_VAL);
    penalty.l1_share = params.number("l1-share", 0, 0, 1);
    penalty.standardize = !params.flag("raw-penalty", false);
    penalty.ddof = static_cast<int>(params.number("ddof", 0, 0, 1));
    return penalty;
}

/// Why coefficients have no standard errors, among the results; nothing where they have.
void explain_missing_errors(ml::Penalty const& penalty, Fitted& fitted) {
    if (!fitted.summary.standard_errors.empty()) return;
    char const* reason = "not defined, or not computed by this method";
    if (penalty.strength > 0)
        reason = "not defined with a penalty";
    else if (fitted.predictor->classes() > 2)
        reason = "not defined: classes' coefficients are relative to one another";
    else if (!fitted.summary.warnings.empty())
        reason = "not defined, see the warning";
    fitted.results.emplace_back("std. errors", reason);
}

class LinearLearner : public Learner {
  public:
    LinearLearner(Params const& params, LearnerSettings const& settings)
        : options_(linear_options(params, settings)) {}

    std::string kind() const override { return "linear"; }
    ml::PredictionKind prediction() const override { return ml::PredictionKind::value; }

    Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const override {
        auto fit = ml::fit_linear_regression(comm, set, options_);
        Fitted fitted{
            ml::make_predictor(std::move(fit.model)),
            std::move(fit.summary),
            {{"r2", fmt::format("{:.6f}", fit.r2)}, {"rmse", fmt::format("{:.6g}", fit.rmse)}}};
        explain_missing_errors(options_.penalty, fitted);
        return fitted;
    }

  private:
    ml::LinearRegressionOptions options_;
};

class LogisticLearner : public Learner {
  public:
    LogisticLearner(Params const& params, LearnerSettings const& settings)
        : options_(logistic_options(params, settings)) {}

    std::string kind() const override { return "logistic"; }
    ml::PredictionKind prediction() const override { return ml::PredictionKind::classes; }

    Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const override {
        auto fit = ml::fit_logistic_regression(comm, set, options_);
        double const deviance = 2 * fit.log_loss * fit.summary.weight_sum;
        Fitted fitted{ml::make_predictor(std::move(fit.model)),
                      std::move(fit.summary),
                      {{"log loss", fmt::format("{:.9g}", fit.log_loss)},
                       {"deviance", fmt::format("{:.10g}", deviance)}}};
        explain_missing_errors(options_.penalty, fitted);
        return fitted;
    }

  private:
    ml::LogisticRegressionOptions options_;
};

ml::KMeansStart parse_start(std::string const& text) {
    if (text == "parallel") return ml::KMeansStart::parallel;
    if (text == "plus-plus") return ml::KMeansStart::plus_plus;
    if (text == "random") return ml::KMeansStart::random;
    static std::vector<std::string> const starts{"parallel", "plus-plus", "random"};
    fail("parameter start: expected {}, got '{}'{}", one_of(starts), text,
         did_you_mean(text, starts));
}

class KMeansLearner : public Learner {
  public:
    KMeansLearner(Params const& params, LearnerSettings const& settings) {
        params.check_names("kmeans", {"clusters", "start", "max-iterations", "tolerance"});
        options_.clusters = params.integer("clusters", options_.clusters, 1);
        options_.start = parse_start(params.text("start", "parallel"));
        options_.max_iterations = static_cast<int>(params.integer("max-iterations", 100, 1));
        options_.tolerance = params.number("tolerance", options_.tolerance, 0, HUGE_VAL);
        options_.seed = settings.seed;
        options_.threads = settings.threads;
    }

    std::string kind() const override { return "kmeans"; }
    ml::PredictionKind prediction() const override { return ml::PredictionKind::cluster; }

    Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const override {
        auto fit = ml::fit_kmeans(comm, set, options_);
        Fitted fitted;
        fitted.summary.method = "Lloyd";
        fitted.summary.rows = set.rows();
        fitted.summary.iterations = fit.iterations;
        fitted.summary.converged = fit.converged;
        fitted.summary.objective_history = fit.cost_history;
        fitted.summary.warnings = fit.warnings;
        if (!fit.converged) fitted.summary.warnings.push_back("k-means did not converge");
        fitted.results = {{"cost", fmt::format("{:.10g}", fit.cost)},
                          {"sizes", fmt::format("{}", fmt::join(fit.sizes, ", "))}};
        fitted.predictor = ml::make_predictor(std::move(fit.model));
        return fitted;
    }

  private:
    ml::KMeansOptions options_;
};

}  // namespace

namespace {

/// What linear and logistic regression have in common.
template <class Options>
Options regression_options(std::string_view kind, Params const& params,
                           LearnerSettings const& settings) {
    params.check_names(kind, with_penalty({"max-iterations", "tolerance"}));
    Options options;
    options.intercept = settings.intercept;
    options.threads = settings.threads;
    options.penalty = penalty_of(params);
    options.max_iterations =
        static_cast<int>(params.integer("max-iterations", options.max_iterations, 1));
    options.tolerance = params.number("tolerance", options.tolerance, 0, HUGE_VAL);
    return options;
}

}  // namespace

ml::LinearRegressionOptions linear_options(Params const& params, LearnerSettings const& settings) {
    return regression_options<ml::LinearRegressionOptions>("linear", params, settings);
}

ml::LogisticRegressionOptions logistic_options(Params const& params,
                                               LearnerSettings const& settings) {
    return regression_options<ml::LogisticRegressionOptions>("logistic", params, settings);
}

std::vector<std::string> learner_kinds() {
    return {"linear", "logistic", "kmeans", "naive-bayes", "tree", "forest", "gbt"};
}

std::unique_ptr<Learner> make_learner(std::string const& kind, Params const& params,
                                      LearnerSettings const& settings) {
    if (kind == "linear") return std::make_unique<LinearLearner>(params, settings);
    if (kind == "logistic") return std::make_unique<LogisticLearner>(params, settings);
    if (kind == "kmeans") return std::make_unique<KMeansLearner>(params, settings);
    if (kind == "naive-bayes") return make_naive_bayes_learner(params, settings);
    if (knows_tasks(kind)) return make_tree_learner(kind, params, settings);
    fail("expected a learner ({}), got '{}'{}", one_of(learner_kinds()), kind,
         did_you_mean(kind, learner_kinds()));
}

}  // namespace partita::pipeline
