#include "partita/pipeline/cross_validate.hpp"

#include "pipeline/linear_options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/random.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/set_views.hpp"
#include "partita/pipeline/measure.hpp"

#include <cmath>
#include <numeric>

namespace partita::pipeline {

namespace {

/// Each grid point's fits on one fold's training rows.
using FitPoint = std::function<std::shared_ptr<ml::Predictor const>(std::size_t point)>;

class GridSearch {
  public:
    GridSearch(dataset::Context const& context, std::string const& kind, Params const& base,
               ParamGrid const& grid, ValidationOptions const& options,
               LearnerSettings const& settings)
        : context_(context), options_(options), kind_(kind), settings_(settings) {
        collectively(context.comm(), "", [&] {
            ml::PredictionKind prediction{};
            for (Params const& point : grid.points()) {
                found_.points.push_back(point);
                params_.push_back(Params(base).set_all(point));
                prediction = learner(params_.size() - 1, true)->prediction();
            }
            found_.metric = options.metric.empty() ? default_metric(prediction) : options.metric;
            check_metric(found_.metric, prediction);
        });
        found_.scores.resize(found_.points.size());
    }

    Params const& params(std::size_t point) const { return params_[point]; }
    std::unique_ptr<Learner> learner(std::size_t point, bool intercept) const {
        return make_learner(kind_, params_[point],
                            {settings_.intercept && intercept, settings_.seed, settings_.threads});
    }
    std::size_t points() const { return params_.size(); }

    /// Judge all points' models of one fold.
    void judge(ml::TrainingSet const& test, FitPoint const& fit) {
        for (std::size_t p = 0; p < points(); ++p) {
            auto const predictor = fit(p);
            found_.scores[p].push_back(
                measure(context_, test, *predictor, found_.metric, options_.threads));
        }
    }

    Validation finish() {
        double const sign = larger_is_better(found_.metric) ? 1 : -1;
        for (std::int64_t p = 1; p < std::ssize(found_.points); ++p)
            if (sign * found_.mean(p) > sign * found_.mean(found_.best)) found_.best = p;
        return std::move(found_);
    }

  private:
    dataset::Context context_;
    ValidationOptions options_;
    std::string kind_;
    LearnerSettings settings_;
    std::vector<Params> params_;
    Validation found_;
};

std::int64_t number_of_folds(ValidationOptions const& options) {
    if (options.train_share > 0) {
        check_everywhere(options.train_share < 1,
                         "validation: expected a share of rows to train on below 1, got {}",
                         options.train_share);
        return 1;
    }
    check_everywhere(options.folds >= 2, "validation: expected at least 2 folds, got {}",
                     options.folds);
    return options.folds;
}

}  // namespace

double Validation::mean(std::int64_t point) const {
    std::vector<double> const& all = scores[static_cast<std::size_t>(point)];
    return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
}

double Validation::deviation(std::int64_t point) const {
    std::vector<double> const& all = scores[static_cast<std::size_t>(point)];
    if (all.size() < 2) return 0;
    double sum = 0;
    for (double const score : all) sum += (score - mean(point)) * (score - mean(point));
    return std::sqrt(sum / static_cast<double>(all.size() - 1));
}

std::string Validation::to_text() const {
    std::size_t width = 10;
    for (Params const& point : points) width = std::max(width, point.to_text().size());
    std::string text = fmt::format("  {:<{}} {:>12} {:>12}\n", "parameters", width, metric,
                                   folds() > 1 ? "deviation" : "");
    for (std::int64_t p = 0; p < std::ssize(points); ++p)
        text += fmt::format("{} {:<{}} {:>12.6g} {:>12}\n", p == best ? '*' : ' ',
                            points[static_cast<std::size_t>(p)].to_text(), width, mean(p),
                            folds() > 1 ? fmt::format("{:.3g}", deviation(p)) : "");
    return text;
}

std::int64_t fold_of_row(std::int64_t row, std::uint64_t seed, ValidationOptions const& options) {
    RandomStream random(combine_hashes(seed, 0x666f6c64), static_cast<std::uint64_t>(row));
    if (options.train_share > 0) return random.uniform() < options.train_share ? 1 : 0;
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(options.folds)));
}

Validation validate_folds(dataset::Context const& context, std::int64_t folds,
                          std::function<FoldSets(std::int64_t)> const& fold,
                          std::string const& kind, Params const& base, ParamGrid const& grid,
                          ValidationOptions const& options, LearnerSettings const& settings) {
    GridSearch search(context, kind, base, grid, options, settings);
    Communicator const& comm = context.comm();
    for (std::int64_t f = 0; f < folds; ++f) {
        FoldSets sets = fold(f);
        if (options.scale) {
            auto const scaling = ml::standardization_of(comm, *sets.train, 0, options.threads);
            auto const scaled = [&](std::shared_ptr<ml::TrainingSet const> const& set) {
                // The view keeps what it shows alive through the deleter.
                return std::shared_ptr<ml::TrainingSet const>(
                    new ml::ScaledSet(*set, scaling.centre, scaling.scale),
                    [set](ml::TrainingSet const* view) { delete view; });
            };
            sets = {scaled(sets.train), scaled(sets.test), sets.intercept};
        }
        search.judge(*sets.test, [&](std::size_t point) {
            return search.learner(point, sets.intercept)->fit(comm, *sets.train).predictor;
        });
    }
    return search.finish();
}

Validation cross_validate(dataset::Context const& context, ml::TrainingSet const& set,
                          std::string const& kind, Params const& base, ParamGrid const& grid,
                          ValidationOptions const& options, LearnerSettings const& settings) {
    Communicator const& comm = context.comm();
    std::int64_t const folds = number_of_folds(options);
    auto const fold_of = [options](std::int64_t row) {
        return fold_of_row(row, options.seed, options);
    };
    auto const subset = [&](std::int64_t fold, bool test) {
        return std::make_shared<ml::RowSubset>(
            set, [=](std::int64_t row) { return (fold_of(row) == fold) == test; });
    };
    if (kind != "linear" || options.scale || folds == 1)
        return validate_folds(
            context, folds,
            [&](std::int64_t f) {
                return FoldSets{subset(f, false), subset(f, true)};
            },
            kind, base, grid, options, settings);
    GridSearch search(context, kind, base, grid, options, settings);
    ml::LinearRegressionFolds const regressions(comm, set, fold_of, folds, settings.intercept,
                                                options.threads);
    for (std::int64_t f = 0; f < folds; ++f)
        search.judge(*subset(f, true), [&](std::size_t point) {
            auto const fit =
                regressions.fit_without(f, linear_options(search.params(point), settings));
            return std::shared_ptr<ml::Predictor const>(ml::make_predictor(fit.model));
        });
    return search.finish();
}

}  // namespace partita::pipeline
