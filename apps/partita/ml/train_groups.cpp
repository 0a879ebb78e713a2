#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/pipeline/group_models.hpp"
#include "partita/pipeline/learner.hpp"

#include <algorithm>

namespace partita {
namespace {

struct TrainGroupsOptions {
    cli::TableArguments table;
    cli::FeatureArguments features;
    std::string by, out;
    std::vector<std::string> params;
    pipeline::GroupTraining training;
};

pipeline::Formula formula_for(frame::Table const& table, TrainGroupsOptions const& options,
                              std::vector<std::string> const& by) {
    pipeline::Formula formula = cli::formula_for(table, options.features);
    table.schema().indices_of(by);
    // Within a group its keys are constant: they are no features unless somebody asks for them.
    if (options.features.formula.empty() && options.features.features.empty())
        std::erase_if(formula.terms, [&](std::vector<std::string> const& term) {
            return std::find(by.begin(), by.end(), term[0]) != by.end();
        });
    return formula;
}

void run_train_groups(cli::Session& session, TrainGroupsOptions options) {
    Communicator const& world = session.world();
    session.check_output(options.out);
    options.training.by = cli::split_words(options.by);
    options.training.seed = session.seed();
    options.training.nulls = options.table.null_policy();
    collectively(world, "", [&] {
        for (std::string const& assignment : options.params)
            options.training.params.set_assignment(assignment);
    });
    frame::Table const table = cli::open_table(session, options.table);
    pipeline::Formula const formula =
        collectively(world, "", [&] { return formula_for(table, options, options.training.by); });
    pipeline::GroupModels models = pipeline::train_groups(table, formula, options.training);
    models.trained_on = options.table.path;
    pipeline::save_group_models(models, options.out, session.overwrite());
    session.field("features", "{}", models.recipe.features.size());
    auto const field = [&](char const* name, std::int64_t count) {
        if (count > 0) session.field(name, "{} groups", format_count(count));
    };
    field("too few rows", models.too_few);
    field("one label", models.one_label);
    field("not converged", models.not_converged);
    session.finish(models.groups, "models", options.out);
}

}  // namespace

void add_train_groups(cli::CommandLine& line) {
    auto const options = std::make_shared<TrainGroupsOptions>();
    cli::Command& command = line.add("train-groups", "Fit a model to each group of rows");
    cli::OptionSet& app = command.app;
    cli::add_table_arguments(command, options->table);
    app.add_option("--by", options->by, "Columns whose values make a group: store,product")
        .required()
        .group("Model");
    cli::add_choice(app, "--model", options->training.kind, pipeline::learner_kinds(),
                    "What is fitted to each group")
        .group("Model");
    cli::add_feature_arguments(command, options->features, true);
    app.add_option("--param", options->params,
                   "Setting of the model, NAME=VALUE, such as penalty=0.1; repeatable")
        .group("Model");
    app.add_option("--least-rows", options->training.least_rows,
                   "Groups with fewer rows get no model")
        .check(cli::at_least(1))
        .group("Model");
    app.add_option("--out", options->out, "Store of models, an HDF5 file")
        .required()
        .type_name("FILE")
        .group("Output");
    command.check = [options, with_label = command.check] {
        if (options->training.kind != "kmeans") with_label();  // clusters have no label
    };
    command.examples = {
        "partita train-groups sales.csv --by store --label units --features price,day --out s.h5",
        "partita train-groups trips.csv --by city --model gbt --label fare --param rounds=50 --out "
        "t.h5",
        "partita train-groups visits.csv --by user --model logistic --label bought --out u.h5"};
    command.run = [options](cli::Session& session) { run_train_groups(session, *options); };
}

}  // namespace partita
