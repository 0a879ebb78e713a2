#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/ml/logistic_regression.hpp"

namespace partita {
namespace {

struct Options {
    cli::TrainArguments train;
    cli::PenaltyArguments penalty;
    int max_iterations = 100;
};

void run(cli::Session& session, Options const& options) {
    cli::train_and_save(
        session, options.train, true,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            ml::LogisticRegressionOptions fit_options;
            fit_options.intercept = recipe.intercept;
            fit_options.penalty = options.penalty.penalty();
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
    cli::add_penalty_arguments(command, options->penalty);
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
