#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

namespace partita {
namespace {

struct TrainNaiveBayesOptions {
    cli::TrainArguments train;
    double smoothing = 1e-9;
};

void run_train_naive_bayes(cli::Session& session, TrainNaiveBayesOptions const& options) {
    pipeline::Params params;
    params.set("smoothing", options.smoothing);
    cli::train_and_save(session, options.train, "naive-bayes", params);
}

}  // namespace

void add_train_naive_bayes(cli::CommandLine& line) {
    auto const options = std::make_shared<TrainNaiveBayesOptions>();
    cli::Command& command = line.add("train naive-bayes", "Fit a Gaussian naive Bayes classifier");
    cli::add_train_arguments(command, options->train, true);
    cli::add_weight_arguments(command, options->train, true);
    command.app
        .add_option("--smoothing", options->smoothing,
                    "Added to variances: a share of the largest of a feature")
        .check(cli::at_least(0))
        .group("Model");
    command.examples = {"partita train naive-bayes iris.csv --label species --out iris.model",
                        "mpirun -n 4 partita train naive-bayes pixels.h5 --label digit --out m"};
    command.run = [options](cli::Session& session) { run_train_naive_bayes(session, *options); };
}

}  // namespace partita
