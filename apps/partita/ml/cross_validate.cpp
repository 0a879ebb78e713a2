#include "partita/pipeline/cross_validate.hpp"

#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/measure.hpp"

namespace partita {
namespace {

struct Options {
    std::string kind;
    cli::TableArguments table;
    cli::FeatureArguments features;
    std::vector<std::string> params;
    pipeline::ValidationOptions validation;
};

void run(cli::Session& session, Options options) {
    Communicator const& world = session.world();
    pipeline::ParamGrid grid;
    pipeline::LearnerSettings settings{true, session.seed(), session.threads()};
    // Refuse bad settings before the table is read.
    auto const learner = collectively(world, "", [&] {
        for (std::string const& assignment : options.params) grid.add_assignment(assignment);
        auto found = pipeline::make_learner(options.kind, grid.points().front(), settings);
        if (!options.validation.metric.empty())
            pipeline::check_metric(options.validation.metric, found->prediction());
        return found;
    });
    frame::Table const table = cli::open_table(session, options.table);
    pipeline::Recipe recipe = pipeline::fit_recipe(
        table, collectively(world, "", [&] { return cli::formula_for(table, options.features); }));
    pipeline::LoadOptions load;
    load.nulls = options.table.null_policy();
    load.classify = learner->classifies();
    pipeline::LoadedRows const rows = pipeline::load_rows(table, recipe, load);
    settings.intercept = recipe.intercept;
    options.validation.seed = session.seed();
    options.validation.threads = session.threads();
    pipeline::Validation const found = pipeline::cross_validate(
        table.context(), *rows.set, options.kind, {}, grid, options.validation, settings);
    session.field("rows", "{}, {} features, {} fold{}", format_count(rows.rows()),
                  recipe.features.size(), found.folds(), found.folds() == 1 ? "" : "s");
    session.print("{}", found.to_text());
    session.finish(rows.rows() * found.folds() * std::ssize(found.points), "rows", "");
}

}  // namespace

void add_cross_validate(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command = line.add(
        "cross-validate", "Compare settings of a model on rows that it was not trained on");
    CLI::App& app = command.app;
    app.add_option("LEARNER", options->kind, "What to train: linear, logistic, kmeans ...")
        ->required();
    cli::add_table_arguments(command, options->table);
    cli::add_feature_arguments(command, options->features, true);
    app.add_option("--param", options->params,
                   "Values to compare, NAME=VALUE,VALUE,...; repeat for all combinations")
        ->group("Model");
    app.add_flag("--scale", options->validation.scale,
                 "Scale features to mean 0 and deviation 1, by each fold's training rows")
        ->group("Model");
    app.add_option("--folds", options->validation.folds, "Parts that are held out in turn")
        ->check(cli::at_least(2))
        ->group("Validation");
    app.add_option("--train-share", options->validation.train_share,
                   "Instead of folds: one split, with this share of the rows to train on")
        ->check(cli::between(0, 1))
        ->group("Validation");
    app.add_option("--metric", options->validation.metric,
                   "auc, accuracy, log-loss, f1 ...; rmse, mae, r2 ...; silhouette, cost")
        ->group("Validation");
    // Clusters have no label.
    command.check = [options, with_label = command.check] {
        if (options->kind != "kmeans") with_label();
    };
    command.examples = {
        "partita cross-validate logistic games.csv --label bought --param penalty=0.01,0.1,1 "
        "--metric auc",
        "partita cross-validate linear sales.csv --label revenue --param l1-share=0,0.5,1 --folds "
        "10",
        "partita cross-validate kmeans points.csv --param clusters=2,3,4,5"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
