#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

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

pipeline::Params params_of(Arguments const& arguments, ml::TreeOptions const& options) {
    pipeline::Params params{{"task", arguments.task}};
    params.set("max-depth", options.max_depth);
    params.set("max-bins", static_cast<double>(options.max_bins));
    params.set("min-leaf-rows", static_cast<double>(options.min_leaf_rows));
    return params.set("min-gain", options.min_gain);
}

void add_tree_arguments(cli::Command& command, Arguments& arguments, ml::TreeOptions& options) {
    cli::add_train_arguments(command, arguments.train, true);
    cli::add_weight_arguments(command, arguments.train, true);
    cli::OptionSet& app = command.app;
    cli::add_choice(app, "--task", arguments.task, {"auto", "classification", "regression"},
                    "auto: texts and 0/1 are classes, fractions are values")
        .group("Model");
    app.add_option("--max-depth", options.max_depth, "Of a tree")
        .check(cli::between(0, 30))
        .group("Model");
    app.add_option("--max-bins", options.max_bins, "That each feature is cut into")
        .check(cli::between(2, 256))
        .group("Model");
    app.add_option("--min-leaf-rows", options.min_leaf_rows, "Rows in each leaf at least")
        .check(cli::at_least(1))
        .group("Model");
    app.add_option("--min-gain", options.min_gain, "That a split must bring, per row of its node")
        .check(cli::at_least(0))
        .group("Model");
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
        cli::train_and_save(session, options->train, "tree", params_of(*options, options->tree));
    };
}

void add_train_forest(cli::CommandLine& line) {
    auto const options = std::make_shared<ForestArguments>();
    cli::Command& command = line.add("train forest", "Grow a random forest");
    add_tree_arguments(command, *options, options->tree);
    cli::OptionSet& app = command.app;
    app.add_option("--trees", options->tree.trees, "How many")
        .check(cli::at_least(1))
        .group("Model");
    app.add_option("--node-features", options->tree.node_features,
                   "That a node chooses from; 0 = the root of all, for regression a third")
        .check(cli::at_least(0))
        .group("Model");
    app.add_option("--sample-rate", options->tree.sample_rate, "Share of rows drawn for each tree")
        .check(cli::between(0, 1))
        .group("Model");
    app.add_flag("--without-replacement", options->all_rows, "Draw each row at most once")
        .group("Model");
    command.examples = {
        "partita train forest games.csv --label bought --trees 200 --max-depth 10 --out f.model",
        "mpirun -n 8 partita train forest clicks.h5 --label click --out clicks.model"};
    command.run = [options](cli::Session& session) {
        ml::ForestOptions const& forest = options->tree;
        pipeline::Params params = params_of(*options, forest);
        params.set("trees", static_cast<double>(forest.trees));
        params.set("node-features", static_cast<double>(forest.node_features));
        params.set("sample-rate", forest.sample_rate);
        params.set("without-replacement", options->all_rows ? "true" : "false");
        cli::train_and_save(session, options->train, "forest", params);
    };
}

void add_train_gbt(cli::CommandLine& line) {
    auto const options = std::make_shared<GbtArguments>();
    cli::Command& command = line.add("train gbt", "Fit gradient-boosted trees");
    add_tree_arguments(command, *options, options->tree);
    cli::OptionSet& app = command.app;
    app.add_option("--rounds", options->tree.rounds,
                   "A tree each; of more than two classes a tree "
                   "for each")
        .check(cli::at_least(1))
        .group("Model");
    app.add_option("--learning-rate", options->tree.learning_rate, "Shrinks each tree")
        .check(cli::at_least(0))
        .group("Model");
    app.add_option("--l2", options->tree.l2, "Added to a leaf's second derivatives")
        .check(cli::at_least(0))
        .group("Model");
    app.add_option("--subsample", options->tree.subsample, "Share of rows drawn for each round")
        .check(cli::between(0, 1))
        .group("Model");
    command.examples = {
        "partita train gbt games.csv --label bought --rounds 200 --out games.model",
        "mpirun -n 8 partita train gbt trips.h5 --label fare --task regression --out fare.model"};
    command.run = [options](cli::Session& session) {
        ml::BoostingOptions const& boosting = options->tree;
        pipeline::Params params = params_of(*options, boosting);
        params.set("rounds", static_cast<double>(boosting.rounds));
        params.set("learning-rate", boosting.learning_rate).set("l2", boosting.l2);
        params.set("subsample", boosting.subsample);
        cli::train_and_save(session, options->train, "gbt", params);
    };
}

}  // namespace partita
