#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/ml/logistic_regression.hpp"

namespace partita {
namespace {

struct Options {
    cli::TrainArguments train;
    double penalty = 0, l1_share = 0;
    bool raw_penalty = false;
    int max_iterations = 100;
};

void run(cli::Session& session, Options const& options) {
    cli::train_and_save(
        session, options.train, true,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            ml::LogisticRegressionOptions fit_options;
            fit_options.intercept = recipe.intercept;
            fit_options.penalty = {options.penalty, options.l1_share, !options.raw_penalty, 0};
            fit_options.max_iterations = options.max_iterations;
            fit_options.threads = session.threads();
            auto fit = ml::fit_logistic_regression(comm, set, fit_options);
            cli::Trained trained;
            trained.results = {
                {"log loss", fmt::format("{:.9g}", fit.log_loss)},
                {"deviance", fmt::format("{:.10g}", 2 * fit.log_loss * fit.summary.weight_sum)}};
            trained.summary = std::move(fit.summary);
            trained.predictor = ml::make_predictor(std::move(fit.model));
            return trained;
        });
}

}  // namespace

void add_train_logistic(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command =
        line.add("train logistic", "Fit a logistic regression, for two or more classes");
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
    command.app.add_option("--max-iterations", options->max_iterations, "Steps at most")
        ->check(cli::at_least(1))
        ->group("Training");
    command.examples = {
        "partita train logistic games.csv --label bought --out games.model",
        "mpirun -n 8 partita train logistic clicks.h5 --formula \"click ~ . - user\" --out m",
        "partita train logistic games.csv --label bought --sample 10000 --on-root --out g.model"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
