#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

#include "partita/core/bytes.hpp"
#include "partita/ml/kmeans.hpp"

#include <fmt/ranges.h>

namespace partita {
namespace {

struct Options {
    cli::TrainArguments train;
    std::int64_t clusters = 2;
    int max_iterations = 100;
    std::string start = "parallel";
};

ml::KMeansStart parse_start(std::string const& text) {
    if (text == "random") return ml::KMeansStart::random;
    return text == "plus-plus" ? ml::KMeansStart::plus_plus : ml::KMeansStart::parallel;
}

void run(cli::Session& session, Options const& options) {
    cli::train_and_save(
        session, options.train, false,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const&) {
            ml::KMeansOptions fit_options;
            fit_options.clusters = options.clusters;
            fit_options.max_iterations = options.max_iterations;
            fit_options.start = parse_start(options.start);
            fit_options.seed = session.seed();
            fit_options.threads = session.threads();
            auto fit = ml::fit_kmeans(comm, set, fit_options);
            cli::Trained trained;
            trained.summary.method = "Lloyd";
            trained.summary.iterations = fit.iterations;
            trained.summary.warnings = fit.warnings;
            if (!fit.converged) trained.summary.warnings.push_back("k-means did not converge");
            trained.results = {{"cost", fmt::format("{:.10g}", fit.cost)},
                               {"sizes", fmt::format("{}", fmt::join(fit.sizes, ", "))}};
            trained.predictor = ml::make_predictor(std::move(fit.model));
            return trained;
        });
}

}  // namespace

void add_train_kmeans(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command = line.add("train kmeans", "Cluster rows with k-means");
    cli::add_train_arguments(command, options->train, false);
    command.app.add_option("-k,--clusters", options->clusters, "Number of clusters")
        ->check(cli::at_least(1))
        ->group("Model");
    cli::add_choice(command.app, "--start", options->start, {"parallel", "plus-plus", "random"},
                    "How the first centres are drawn: k-means||, k-means++ on a sample, at random")
        ->group("Training");
    command.app.add_option("--max-iterations", options->max_iterations, "Steps at most")
        ->check(cli::at_least(1))
        ->group("Training");
    command.examples = {"partita train kmeans customers.csv -k 8 --scale --out segments.model",
                        "partita train kmeans points.csv --features x,y -k 3 --out points.model"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
