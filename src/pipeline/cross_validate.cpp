#include "partita/pipeline/cross_validate.hpp"

#include "pipeline/fit_points.hpp"
#include "pipeline/linear_options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/random.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/set_views.hpp"
#include "partita/pipeline/class_weights.hpp"
#include "partita/pipeline/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace partita::pipeline {

namespace {

using Predictors = std::vector<std::shared_ptr<ml::Predictor const>>;

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
    std::unique_ptr<Learner> learner(std::size_t point, bool intercept, int threads = 0) const {
        LearnerSettings settings = settings_;
        settings.intercept = settings.intercept && intercept;
        if (threads > 0) settings.threads = threads;
        return make_learner(kind_, params_[point], settings);
    }
    std::size_t points() const { return params_.size(); }

    /// All points' models of one fold.
    Predictors fit(ml::TrainingSet const& train, bool intercept) const {
        return fit_points(
            context_, train, points(),
            [&](std::size_t point, int threads) { return learner(point, intercept, threads); },
            settings_.threads);
    }

    void judge(ml::TrainingSet const& test, Predictors const& models) {
        for (std::size_t p = 0; p < points(); ++p)
            found_.scores[p].push_back(
                measure(context_, test, *models[p], found_.metric, options_.threads));
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

bool leaves_task_open(Params const& base, ParamGrid const& grid) {
    for (Params const& point : grid.points())
        if (Params(base).set_all(point).text("task", "auto") == "auto") return true;
    return false;
}

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
    Communicator const& comm = context.comm();
    collectively(comm, "", [&] {  // refuses bad parameters before rows are read
        for (Params const& point : grid.points())
            make_learner(kind, Params(base).set_all(point), settings);
    });
    std::optional<GridSearch> search;
    for (std::int64_t f = 0; f < folds; ++f) {
        FoldSets sets = fold(f);
        if (!search) {
            Params settled = base;
            if (leaves_task_open(base, grid))
                settle_task(comm, kind, *sets.train, sets.recipe, settled);
            LearnerSettings own = settings;
            own.classes = std::max(own.classes, sets.recipe.classes());
            search.emplace(context, kind, settled, grid, options, own);
        }
        if (!options.class_weights.empty())
            sets.train = with_class_weights(comm, sets.train, sets.recipe, options.class_weights);
        if (options.scale) {
            auto const scaling = ml::standardization_of(comm, *sets.train, 0, options.threads);
            auto const scaled = [&](std::shared_ptr<ml::TrainingSet const> const& set) {
                // The view keeps what it shows alive through the deleter.
                return std::shared_ptr<ml::TrainingSet const>(
                    new ml::ScaledSet(*set, scaling.centre, scaling.scale),
                    [set](ml::TrainingSet const* view) { delete view; });
            };
            sets = {scaled(sets.train), scaled(sets.test), sets.recipe};
        }
        search->judge(*sets.test, search->fit(*sets.train, sets.recipe.intercept));
    }
    return search->finish();
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
    if (kind != "linear" || options.scale || folds == 1 || !options.class_weights.empty())
        return validate_folds(
            context, folds,
            [&](std::int64_t f) {
                return FoldSets{subset(f, false), subset(f, true), {}};
            },
            kind, base, grid, options, settings);
    GridSearch search(context, kind, base, grid, options, settings);
    ml::LinearRegressionFolds const regressions(comm, set, fold_of, folds, settings.intercept,
                                                options.threads);
    for (std::int64_t f = 0; f < folds; ++f) {
        Predictors models;
        for (std::size_t p = 0; p < search.points(); ++p)
            models.push_back(ml::make_predictor(
                regressions.fit_without(f, linear_options(search.params(p), settings)).model));
        search.judge(*subset(f, true), models);
    }
    return search.finish();
}

}  // namespace partita::pipeline
