#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

namespace partita {
namespace {

struct TrainLogisticOptions {
    cli::TrainArguments train;
    cli::PenaltyArguments penalty;
    int max_iterations = 100;
};

void run_train_logistic(cli::Session& session, TrainLogisticOptions const& options) {
    pipeline::Params params;
    options.penalty.add_to(params);
    params.set("max-iterations", options.max_iterations);
    cli::train_and_save(session, options.train, "logistic", params);
}

}  // namespace

void add_train_logistic(cli::CommandLine& line) {
    auto const options = std::make_shared<TrainLogisticOptions>();
    cli::Command& command =
        line.add("train logistic", "Fit a logistic regression, for two or more classes");
    cli::add_train_arguments(command, options->train, true);
    cli::add_weight_arguments(command, options->train, true);
    cli::add_penalty_arguments(command, options->penalty);
    command.app.add_option("--max-iterations", options->max_iterations, "Steps at most")
        .check(cli::at_least(1))
        .group("Training");
    command.examples = {
        "partita train logistic games.csv --label bought --out games.model",
        "mpirun -n 8 partita train logistic clicks.h5 --formula \"click ~ . - user\" --out m",
        "partita train logistic games.csv --label bought --sample 10000 --on-root --out g.model"};
    command.run = [options](cli::Session& session) { run_train_logistic(session, *options); };
}

}  // namespace partita
