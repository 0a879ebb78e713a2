#include "partita/pipeline/cross_validate.hpp"

#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/measure.hpp"
#include "partita/pipeline/pipeline.hpp"
#include "partita/pipeline/sparse.hpp"

namespace partita {
namespace {

struct CrossValidateOptions {
    std::string kind;
    cli::TableArguments table;
    cli::FeatureArguments features;
    cli::StageArguments stages;
    std::vector<std::string> params;
    pipeline::ValidationOptions validation;
};

/// One search: what all ways of reading rows have in common.
struct Search {
    cli::Session& session;
    CrossValidateOptions options;
    pipeline::ParamGrid grid;
    std::unique_ptr<pipeline::Learner> learner;
    std::int64_t rows = 0, features = 0;

    /// Refuses bad settings before the table is read. Collective.
    Search(cli::Session& with, CrossValidateOptions given)
        : session(with), options(std::move(given)) {
        options.validation.seed = session.seed();
        options.validation.threads = session.threads();
        options.validation.class_weights = options.features.class_weights;
        learner = collectively(session.world(), "", [&] {
            for (std::string const& assignment : options.params) grid.add_assignment(assignment);
            auto found = pipeline::make_learner(options.kind, grid.points().front());
            bool const settled = !pipeline::knows_tasks(options.kind) || found->classifies();
            if (!options.validation.metric.empty() && settled)
                pipeline::check_metric(options.validation.metric, found->prediction());
            return found;
        });
    }

    bool classifies() const {
        return learner->classifies() || !options.features.class_weights.empty();
    }

    /// Rows that are loaded once. Collective.
    pipeline::Validation of_rows(dataset::Context const& context, ml::TrainingSet const& set,
                                 pipeline::Recipe const& recipe) {
        rows = set.rows();
        features = set.features();
        pipeline::Params base;
        if (grid.points().front().text("task", "auto") == "auto")
            pipeline::settle_task(context.comm(), options.kind, set, recipe, base);
        return pipeline::cross_validate(context, set, options.kind, base, grid, options.validation,
                                        cli::learner_settings(session, recipe));
    }

    pipeline::LoadOptions load_options() const {
        pipeline::LoadOptions load;
        load.nulls = options.table.null_policy();
        load.classify = classifies();
        load.weights = options.features.weights;
        return load;
    }
};

pipeline::Validation of_libsvm(Search& search) {
    dataset::Context const context = cli::make_context(search.session);
    pipeline::Recipe recipe;
    auto const set = pipeline::load_libsvm(context.comm(), search.options.table.path, recipe,
                                           search.classifies());
    return search.of_rows(context, *set, recipe);
}

pipeline::Validation of_table(Search& search, frame::Table const& table) {
    Communicator const& world = table.context().comm();
    pipeline::Recipe recipe = pipeline::fit_recipe(
        table,
        collectively(world, "", [&] { return cli::formula_for(table, search.options.features); }));
    auto const loaded = pipeline::load_rows(table, recipe, search.load_options());
    return search.of_rows(table.context(), *loaded.set, recipe);
}

/// Stages are fitted to the training rows of each fold. Collective.
pipeline::Validation of_stages(Search& search, frame::Table const& table) {
    Communicator const& world = table.context().comm();
    CrossValidateOptions const& options = search.options;
    pipeline::ValidationOptions const& validation = options.validation;
    auto const fold = [&](std::int64_t f) {
        auto const part = [&](bool test) {
            return pipeline::rows_where(table, [validation, f, test](std::int64_t row) {
                return (pipeline::fold_of_row(row, validation.seed, validation) == f) == test;
            });
        };
        frame::Table const train = part(false), test = part(true);
        pipeline::Formula formula =
            collectively(world, "", [&] { return cli::formula_for(table, options.features); });
        pipeline::Transformers const stages = cli::fit_stages(train, options.stages, formula);
        // Labels and texts are those of all rows.
        pipeline::Recipe recipe = pipeline::fit_recipe(pipeline::transform(table, stages), formula);
        auto const loaded = [&](frame::Table const& rows) {
            return pipeline::load_rows(pipeline::transform(rows, stages), recipe,
                                       search.load_options());
        };
        auto const training = loaded(train), testing = loaded(test);
        search.rows = training.rows() + testing.rows();
        search.features = training.set->features();
        return pipeline::FoldSets{training.set, testing.set, recipe};
    };
    std::int64_t const folds = validation.train_share > 0 ? 1 : validation.folds;
    return pipeline::validate_folds(table.context(), folds, fold, options.kind, {}, search.grid,
                                    validation, cli::learner_settings(search.session, {}));
}

void run_cross_validate(cli::Session& session, CrossValidateOptions options) {
    Search search(session, std::move(options));
    auto const validate = [&] {
        if (search.options.table.is_libsvm()) return of_libsvm(search);
        frame::Table const table = cli::open_table(session, search.options.table);
        return search.options.stages.any() ? of_stages(search, table) : of_table(search, table);
    };
    pipeline::Validation const found = validate();
    session.field("rows", "{}, {} features, {} fold{}", format_count(search.rows), search.features,
                  found.folds(), found.folds() == 1 ? "" : "s");
    session.print("{}", found.to_text());
    session.finish(search.rows * found.folds() * std::ssize(found.points), "rows", "");
}

}  // namespace

void add_cross_validate(cli::CommandLine& line) {
    auto const options = std::make_shared<CrossValidateOptions>();
    cli::Command& command = line.add(
        "cross-validate", "Compare settings of a model on rows that it was not trained on");
    cli::OptionSet& app = command.app;
    app.add_option("LEARNER", options->kind,
                   "linear, logistic, kmeans, naive-bayes, tree, forest or gbt")
        .required();
    cli::add_table_arguments(command, options->table);
    cli::add_feature_arguments(command, options->features, true);
    cli::add_weight_arguments(command, options->features, true);
    cli::add_stage_arguments(command, options->stages);
    app.add_option("--param", options->params,
                   "Values to compare, NAME=VALUE,VALUE,...; repeat for all combinations")
        .group("Model");
    app.add_flag("--scale", options->validation.scale,
                 "Scale features to mean 0 and deviation 1, by each fold's training rows")
        .group("Model");
    app.add_option("--folds", options->validation.folds, "Parts that are held out in turn")
        .check(cli::at_least(2))
        .group("Validation");
    app.add_option("--train-share", options->validation.train_share,
                   "Instead of folds: one split, with this share of the rows to train on")
        .check(cli::between(0, 1))
        .group("Validation");
    app.add_option("--metric", options->validation.metric,
                   "auc, accuracy, log-loss, f1 ...; rmse, mae, r2 ...; silhouette, cost")
        .group("Validation");
    // Clusters have no label, and LIBSVM files always the same one.
    command.check = [options, with_label = command.check] {
        if (options->table.is_libsvm())
            return cli::check_libsvm(options->features, options->stages);
        if (options->kind != "kmeans") with_label();
    };
    command.examples = {
        "partita cross-validate logistic games.csv --label bought --param penalty=0.01,0.1,1 "
        "--metric auc",
        "partita cross-validate linear sales.csv --label revenue --param l1-share=0,0.5,1 --folds "
        "10",
        "mpirun -n 4 partita cross-validate gbt trips.csv --label fare --impute median --param "
        "rounds=50,99",
        "partita cross-validate kmeans points.csv --param clusters=2,3,4,5"};
    command.run = [options](cli::Session& session) { run_cross_validate(session, *options); };
}

}  // namespace partita
