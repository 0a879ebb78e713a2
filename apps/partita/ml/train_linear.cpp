#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/ml/linear_regression.hpp"

namespace partita {
namespace {

struct Options {
    cli::TrainArguments train;
    double penalty = 0, l1_share = 0;
    bool raw_penalty = false;
    int ddof = 0;
};

void run(cli::Session& session, Options const& options) {
    cli::train_and_save(
        session, options.train, false,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            ml::LinearRegressionOptions fit_options;
            fit_options.intercept = recipe.intercept;
            fit_options.penalty = {options.penalty, options.l1_share, !options.raw_penalty,
                                   options.ddof};
            fit_options.threads = session.threads();
            auto fit = ml::fit_linear_regression(comm, set, fit_options);
            cli::Trained trained;
            trained.results = {{"r2", fmt::format("{:.6f}", fit.r2)},
                               {"rmse", fmt::format("{:.6g}", fit.rmse)}};
            trained.summary = std::move(fit.summary);
            trained.predictor = ml::make_predictor(std::move(fit.model));
            return trained;
        });
}

}  // namespace

void add_train_linear(cli::CommandLine& line) {
    line.describe_group("train", "Fit a model to the rows of a table");
    auto const options = std::make_shared<Options>();
    cli::Command& command = line.add("train linear", "Fit a linear regression");
    cli::add_train_arguments(command, options->train, true);
    command.app.add_option("--penalty", options->penalty, "Strength of the elastic net (lambda)")
        ->check(cli::at_least(0))
        ->group("Model");
    command.app.add_option("--l1-share", options->l1_share, "0 = ridge, 1 = lasso")
        ->check(cli::between(0, 1))
        ->group("Model");
    command.app
        .add_flag("--raw-penalty", options->raw_penalty,
                  "Penalise coefficients as they are, not per standard deviation")
        ->group("Model");
    command.app.add_option("--ddof", options->ddof, "Of the deviations: 0 as glmnet, 1 as MLlib")
        ->check(cli::between(0, 1))
        ->group("Model");
    command.examples = {
        "partita train linear sales.csv --label revenue --out sales.model",
        "partita train linear trips.csv --formula \"fare ~ miles + day\" --nulls drop --out m"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
