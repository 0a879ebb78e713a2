#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/train_step.hpp"

namespace partita {
namespace {

struct TrainKmeansOptions {
    cli::TrainArguments train;
    std::int64_t clusters = 2;
    int max_iterations = 100;
    std::string start = "parallel";
};

void run_train_kmeans(cli::Session& session, TrainKmeansOptions const& options) {
    pipeline::Params params;
    params.set("clusters", static_cast<double>(options.clusters)).set("start", options.start);
    params.set("max-iterations", options.max_iterations);
    cli::train_and_save(session, options.train, "kmeans", params);
}

}  // namespace

void add_train_kmeans(cli::CommandLine& line) {
    auto const options = std::make_shared<TrainKmeansOptions>();
    cli::Command& command = line.add("train kmeans", "Cluster rows with k-means");
    cli::add_train_arguments(command, options->train, false);
    cli::add_weight_arguments(command, options->train, false);
    command.app.add_option("-k,--clusters", options->clusters, "Number of clusters")
        .check(cli::at_least(1))
        .group("Model");
    cli::add_choice(command.app, "--start", options->start, {"parallel", "plus-plus", "random"},
                    "How the first centres are drawn: k-means||, k-means++ on a sample, at random")
        .group("Training");
    command.app.add_option("--max-iterations", options->max_iterations, "Steps at most")
        .check(cli::at_least(1))
        .group("Training");
    command.examples = {"partita train kmeans customers.csv -k 8 --scale --out segments.model",
                        "partita train kmeans points.csv --features x,y -k 3 --out points.model"};
    command.run = [options](cli::Session& session) { run_train_kmeans(session, *options); };
}

}  // namespace partita
