#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/ml/class_labels.hpp"
#include "partita/ml/trees.hpp"

namespace partita {
namespace {

/// What the commands for trees have in common, besides the trees' own options.
struct Arguments {
    cli::TrainArguments train;
    std::string task = "auto";
};

struct TreeArguments : Arguments {
    ml::TreeOptions tree;
};
struct ForestArguments : Arguments {
    ml::ForestOptions tree;
    bool all_rows = false;
};
struct GbtArguments : Arguments {
    ml::BoostingOptions tree;
};

/// The number of classes, or 0 for regression. Collective.
std::int64_t classes_of(Communicator const& comm, ml::TrainingSet const& set,
                        pipeline::Recipe const& recipe, Arguments const& arguments) {
    bool const text = !recipe.label_levels.empty();
    check_everywhere(!text || arguments.task != "regression",
                     "column '{}': expected numbers for --task regression, got texts",
                     recipe.label);
    if (arguments.task == "regression") return 0;
    if (arguments.task == "auto" && !text) {
        ml::LabelRange const range = ml::label_range(comm, set, "labels");
        if (!range.whole) return 0;
        check_everywhere(range.zero_or_one(),
                         "column '{}' holds whole numbers from {} to {}: expected --task "
                         "classification or --task regression",
                         recipe.label, range.least, range.most);
    }
    std::int64_t const counted = ml::count_classes(comm, set, "labels");
    return std::max(counted,
                    std::max(std::ssize(recipe.label_levels), std::ssize(recipe.label_numbers)));
}

template <class FitTrees>
void train(cli::Session& session, Arguments const& arguments, ml::TreeOptions& options,
           FitTrees const& fit_trees) {
    options.seed = session.seed();
    options.threads = session.threads();
    constexpr std::int64_t least = std::int64_t{1} << 20;
    options.histogram_bytes = std::max(least, session.memory().per_rank_bytes / 8);
    cli::train_and_save(
        session, arguments.train, arguments.task == "classification",
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            options.classes = classes_of(comm, set, recipe, arguments);
            ml::TreeFit fit = fit_trees(comm, set);
            cli::Trained trained;
            trained.summary.method = fmt::format(
                "histograms of up to {} bins, {}", options.max_bins,
                options.classes > 0 ? fmt::format("{} classes", options.classes) : "regression");
            trained.summary.warnings = fit.warnings;
            if (!fit.loss_history.empty())
                trained.results = {
                    {"loss", fmt::format("{:.6g}, at the start {:.6g}", fit.loss_history.back(),
                                         fit.loss_history.front())}};
            trained.summary.objective_history = std::move(fit.loss_history);
            trained.predictor = ml::make_predictor(std::move(fit.model));
            return trained;
        });
}

void add_tree_arguments(cli::Command& command, Arguments& arguments, ml::TreeOptions& options) {
    cli::add_train_arguments(command, arguments.train, true);
    CLI::App& app = command.app;
    cli::add_choice(app, "--task", arguments.task, {"auto", "classification", "regression"},
                    "auto: texts and 0/1 are classes, fractions are values")
        ->group("Model");
    app.add_option("--max-depth", options.max_depth, "Of a tree")
        ->check(cli::between(0, 30))
        ->group("Model");
    app.add_option("--max-bins", options.max_bins, "That each feature is cut into")
        ->check(cli::between(2, 256))
        ->group("Model");
    app.add_option("--min-leaf-rows", options.min_leaf_rows, "Rows in each leaf at least")
        ->check(cli::at_least(1))
        ->group("Model");
    app.add_option("--min-gain", options.min_gain, "That a split must bring, per row of its node")
        ->check(cli::at_least(0))
        ->group("Model");
}

}  // namespace

void add_train_tree(cli::CommandLine& line) {
    auto const options = std::make_shared<TreeArguments>();
    cli::Command& command = line.add("train tree", "Grow a decision tree");
    add_tree_arguments(command, *options, options->tree);
    command.examples = {
        "partita train tree games.csv --label bought --max-depth 3 --out games.model",
        "mpirun -n 8 partita train tree trips.h5 --label fare --task regression --out fare.model"};
    command.run = [options](cli::Session& session) {
        train(session, *options, options->tree, [&](auto const& comm, auto const& set) {
            return ml::fit_tree(comm, set, options->tree);
        });
    };
}

void add_train_forest(cli::CommandLine& line) {
    auto const options = std::make_shared<ForestArguments>();
    cli::Command& command = line.add("train forest", "Grow a random forest");
    add_tree_arguments(command, *options, options->tree);
    CLI::App& app = command.app;
    app.add_option("--trees", options->tree.trees, "How many")
        ->check(cli::at_least(1))
        ->group("Model");
    app.add_option("--node-features", options->tree.node_features,
                   "That a node chooses from; 0 = the root of all, for regression a third")
        ->check(cli::at_least(0))
        ->group("Model");
    app.add_option("--sample-rate", options->tree.sample_rate, "Share of rows drawn for each tree")
        ->check(cli::between(0, 1))
        ->group("Model");
    app.add_flag("--without-replacement", options->all_rows, "Draw each row at most once")
        ->group("Model");
    command.examples = {
        "partita train forest games.csv --label bought --trees 200 --max-depth 10 --out f.model",
        "mpirun -n 8 partita train forest clicks.h5 --label click --out clicks.model"};
    command.run = [options](cli::Session& session) {
        options->tree.bootstrap = !options->all_rows;
        train(session, *options, options->tree, [&](auto const& comm, auto const& set) {
            return ml::fit_forest(comm, set, options->tree);
        });
    };
}

void add_train_gbt(cli::CommandLine& line) {
    auto const options = std::make_shared<GbtArguments>();
    cli::Command& command = line.add("train gbt", "Fit gradient-boosted trees");
    add_tree_arguments(command, *options, options->tree);
    CLI::App& app = command.app;
    app.add_option("--rounds", options->tree.rounds,
                   "A tree each; of more than two classes a tree "
                   "for each")
        ->check(cli::at_least(1))
        ->group("Model");
    app.add_option("--learning-rate", options->tree.learning_rate, "Shrinks each tree")
        ->check(cli::at_least(0))
        ->group("Model");
    app.add_option("--l2", options->tree.l2, "Added to a leaf's second derivatives")
        ->check(cli::at_least(0))
        ->group("Model");
    app.add_option("--subsample", options->tree.subsample, "Share of rows drawn for each round")
        ->check(cli::between(0, 1))
        ->group("Model");
    command.examples = {
        "partita train gbt games.csv --label bought --rounds 200 --out games.model",
        "mpirun -n 8 partita train gbt trips.h5 --label fare --task regression --out fare.model"};
    command.run = [options](cli::Session& session) {
        train(session, *options, options->tree, [&](auto const& comm, auto const& set) {
            return ml::fit_boosted_trees(comm, set, options->tree);
        });
    };
}

}  // namespace partita
