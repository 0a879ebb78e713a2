#include "commands.hpp"
#include "ml/train_step.hpp"

namespace partita {
namespace {

struct TrainLinearOptions {
    cli::TrainArguments train;
    cli::PenaltyArguments penalty;
};

void run_train_linear(cli::Session& session, TrainLinearOptions const& options) {
    pipeline::Params params;
    options.penalty.add_to(params);
    cli::train_and_save(session, options.train, "linear", params);
}

}  // namespace

void add_train_linear(cli::CommandLine& line) {
    line.describe_group("train", "Fit a model to the rows of a table");
    auto const options = std::make_shared<TrainLinearOptions>();
    cli::Command& command = line.add("train linear", "Fit a linear regression");
    cli::add_train_arguments(command, options->train, true);
    cli::add_weight_arguments(command, options->train, false);
    cli::add_penalty_arguments(command, options->penalty);
    command.examples = {
        "partita train linear sales.csv --label revenue --out sales.model",
        "partita train linear trips.csv --formula \"fare ~ miles + day\" --nulls drop --out m"};
    command.run = [options](cli::Session& session) { run_train_linear(session, *options); };
}

}  // namespace partita
