#include "pipeline/learner_kinds.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/ml/class_labels.hpp"
#include "partita/ml/trees.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace partita::pipeline {

namespace {

std::vector<std::string> const tasks{"auto", "classification", "regression"};
std::vector<std::string> const tree_names{"task", "max-depth", "max-bins", "min-leaf-rows",
                                          "min-gain"};

std::string task_of(Params const& params) {
    std::string const task = params.text("task", "auto");
    check(std::find(tasks.begin(), tasks.end(), task) != tasks.end(),
          "parameter task: expected {}, got '{}'{}", one_of(tasks), task,
          did_you_mean(task, tasks));
    return task;
}

/// What trees of all kinds have in common. @param names  Of the kind's own parameters.
void read_tree_options(std::string_view kind, Params const& params, std::vector<std::string> names,
                       LearnerSettings const& settings, ml::TreeOptions& options) {
    names.insert(names.begin(), tree_names.begin(), tree_names.end());
    params.check_names(kind, names);
    options.max_depth = static_cast<int>(params.number("max-depth", options.max_depth, 0, 30));
    options.max_bins = static_cast<std::int64_t>(
        params.number("max-bins", static_cast<double>(options.max_bins), 2, 256));
    options.min_leaf_rows = params.integer("min-leaf-rows", options.min_leaf_rows, 1);
    options.min_gain = params.number("min-gain", options.min_gain, 0, HUGE_VAL);
    options.seed = settings.seed;
    options.threads = settings.threads;
    options.histogram_bytes = std::max<std::int64_t>(std::int64_t{1} << 20, settings.memory_bytes);
}

ml::TreeOptions tree_options(Params const& params, LearnerSettings const& settings) {
    ml::TreeOptions options;
    read_tree_options("tree", params, {}, settings, options);
    return options;
}

ml::ForestOptions forest_options(Params const& params, LearnerSettings const& settings) {
    ml::ForestOptions options;
    read_tree_options("forest", params,
                      {"trees", "node-features", "sample-rate", "without-replacement"}, settings,
                      options);
    options.trees = params.integer("trees", options.trees, 1);
    options.node_features = params.integer("node-features", options.node_features, 0);
    options.sample_rate = params.number("sample-rate", options.sample_rate, 0, 1);
    options.bootstrap = !params.flag("without-replacement", false);
    return options;
}

ml::BoostingOptions boosting_options(Params const& params, LearnerSettings const& settings) {
    ml::BoostingOptions options;
    read_tree_options("gbt", params, {"rounds", "learning-rate", "l2", "subsample", "tolerance"},
                      settings, options);
    options.rounds = params.integer("rounds", options.rounds, 1);
    options.learning_rate = params.number("learning-rate", options.learning_rate, 0, HUGE_VAL);
    options.l2 = params.number("l2", options.l2, 0, HUGE_VAL);
    options.subsample = params.number("subsample", options.subsample, 0, 1);
    options.tolerance = params.number("tolerance", options.tolerance, 0, 1);
    return options;
}

/// Whether labels are classes, where nobody has said so. Collective.
/// @param label  Its column's name, or "".
bool are_classes(Communicator const& comm, ml::TrainingSet const& set, std::string const& label) {
    ml::LabelRange const range = ml::label_range(comm, set, "labels");
    if (!range.whole) return false;
    check_everywhere(range.zero_or_one(),
                     "label '{}' holds whole numbers from {} to {}: expected task classification "
                     "or regression",
                     label, range.least, range.most);
    return true;
}

Fitted describe(ml::TreeFit fit, ml::TreeOptions const& options) {
    Fitted fitted;
    fitted.summary.method = fmt::format(
        "histograms of up to {} bins, {}", options.max_bins,
        options.classes > 0 ? fmt::format("{} classes", options.classes) : "regression");
    fitted.summary.rows = fit.rows;
    fitted.summary.warnings = fit.warnings;
    if (!fit.loss_history.empty())
        fitted.results = {{"loss", fmt::format("{:.6g}, at the start {:.6g}",
                                               fit.loss_history.back(), fit.loss_history.front())}};
    fitted.summary.objective_history = std::move(fit.loss_history);
    fitted.predictor = ml::make_predictor(std::move(fit.model));
    return fitted;
}

template <class Options>
class TreeLearner : public Learner {
  public:
    using FitTrees = ml::TreeFit (*)(Communicator const&, ml::TrainingSet const&, Options const&);

    TreeLearner(std::string kind, std::string task, Options options, std::int64_t classes,
                FitTrees fit)
        : kind_(std::move(kind)),
          task_(std::move(task)),
          options_(std::move(options)),
          classes_(classes),
          fit_(fit) {}

    std::string kind() const override { return kind_; }
    ml::PredictionKind prediction() const override {
        return task_ == "classification" ? ml::PredictionKind::classes : ml::PredictionKind::value;
    }

    Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const override {
        Options options = options_;
        bool const classify =
            task_ == "classification" || (task_ == "auto" && are_classes(comm, set, ""));
        options.classes = classify ? std::max(classes_, ml::count_classes(comm, set, "labels")) : 0;
        return describe(fit_(comm, set, options), options);
    }

  private:
    std::string kind_, task_;
    Options options_;
    std::int64_t classes_;
    FitTrees fit_;
};

template <class Options>
std::unique_ptr<Learner> make(std::string const& kind, Params const& params, Options options,
                              LearnerSettings const& settings,
                              typename TreeLearner<Options>::FitTrees fit) {
    return std::make_unique<TreeLearner<Options>>(kind, task_of(params), std::move(options),
                                                  settings.classes, fit);
}

}  // namespace

bool knows_tasks(std::string const& kind) {
    return kind == "tree" || kind == "forest" || kind == "gbt";
}

void settle_task(Communicator const& comm, std::string const& kind, ml::TrainingSet const& set,
                 Recipe const& recipe, Params& params) {
    if (!knows_tasks(kind)) return;
    bool const text = !recipe.label_levels.empty();
    std::string const task = collectively(comm, "", [&] { return task_of(params); });
    check_everywhere(!text || task != "regression",
                     "label '{}': expected numbers for task regression, got texts", recipe.label);
    if (task != "auto") return;
    bool const classify = recipe.classes() > 0 || are_classes(comm, set, recipe.label);
    params.set("task", classify ? "classification" : "regression");
}

std::unique_ptr<Learner> make_tree_learner(std::string const& kind, Params const& params,
                                           LearnerSettings const& settings) {
    if (kind == "tree")
        return make(kind, params, tree_options(params, settings), settings, ml::fit_tree);
    if (kind == "forest")
        return make(kind, params, forest_options(params, settings), settings, ml::fit_forest);
    return make(kind, params, boosting_options(params, settings), settings, ml::fit_boosted_trees);
}

}  // namespace partita::pipeline
