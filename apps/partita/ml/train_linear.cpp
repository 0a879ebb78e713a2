#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/ml/linear_regression.hpp"

namespace partita {
namespace {

struct Options {
    cli::TrainArguments train;
    cli::PenaltyArguments penalty;
};

void run(cli::Session& session, Options const& options) {
    cli::train_and_save(
        session, options.train, false,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            ml::LinearRegressionOptions fit_options;
            fit_options.intercept = recipe.intercept;
            fit_options.penalty = options.penalty.penalty();
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
    cli::add_penalty_arguments(command, options->penalty);
    command.examples = {
        "partita train linear sales.csv --label revenue --out sales.model",
        "partita train linear trips.csv --formula \"fare ~ miles + day\" --nulls drop --out m"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
