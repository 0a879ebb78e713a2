#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/options.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/knn/evaluate.hpp"

namespace partita {
namespace {

struct KnnEvalOptions {
    std::string result, truth, base, queries, metric = "auto";
    std::int64_t k = 0, exact_sample = 0;
    cli::ReadArguments read;
};

/// What the result says about itself, where the command line does not.
struct Origin {
    std::string base, queries, metric;
    bool exclude_self = false;
};

Origin read_origin(KnnEvalOptions const& options) {
    io::Hdf5Reader const file(options.result);
    Origin origin;
    origin.base =
        options.base.empty() ? file.text_attribute("", "base").value_or("") : options.base;
    origin.queries =
        options.queries.empty() ? file.text_attribute("", "queries").value_or("") : options.queries;
    origin.metric = options.metric != "auto" ? options.metric
                                             : file.text_attribute("", "metric").value_or("l2");
    origin.exclude_self = file.number_attribute("", "exclude_self").value_or(0) != 0;
    check(!origin.base.empty() && !origin.queries.empty(),
          "{} does not name its vectors: give --base and --queries", options.result);
    return origin;
}

knn::Recall against_sample(cli::Session& session, KnnEvalOptions const& options) {
    Origin const origin = collectively(session.world(), "", [&] { return read_origin(options); });
    auto const base = io::VectorSource::open(session.world(), origin.base, options.read.options());
    auto const queries =
        io::VectorSource::open(session.world(), origin.queries, options.read.options(), "test");
    return knn::evaluate_sample(
        session.world(), options.result, base, queries, knn::parse_metric(origin.metric),
        origin.exclude_self, options.exact_sample, session.seed(), session.memory().per_rank_bytes);
}

void run_knn_eval(cli::Session& session, KnnEvalOptions const& options) {
    collectively(session.world(), "", [&] {
        check(options.truth.empty() != (options.exact_sample == 0),
              "expected either a file with the true neighbours or --exact-sample N");
    });
    knn::Recall const recall =
        options.truth.empty()
            ? against_sample(session, options)
            : knn::evaluate_files(session.world(), options.result, options.truth, options.k);
    session.print("recall@{} by id        {:.6f}\n", recall.k, recall.by_id);
    if (recall.by_distance >= 0)
        session.print("recall@{} by distance  {:.6f}   (distances up to the {}-th true one + {})\n",
                      recall.k, recall.by_distance, recall.k, knn::distance_epsilon);
    session.print("lowest of a query    {:.6f}\nqueries              {}\n", recall.by_id_lowest,
                  format_count(recall.queries));
}

}  // namespace

void add_knn_eval(cli::CommandLine& line) {
    auto const options = std::make_shared<KnnEvalOptions>();
    cli::Command& command = line.add("knn eval", "Measure the recall of a result");
    command.app.add_option("RESULT", options->result, "Result file").required().type_name("FILE");
    command.app
        .add_option("TRUTH", options->truth,
                    "True neighbours: a result, an ann-benchmarks HDF5 file, or .ivecs")
        .type_name("FILE");
    command.app
        .add_option("--exact-sample", options->exact_sample,
                    "Compute the truth here for a sample of so many queries")
        .check(cli::at_least(0));
    command.app.add_option("--base", options->base, "Vectors searched (default: as in RESULT)")
        .type_name("FILE");
    command.app.add_option("--queries", options->queries, "Query vectors (default: as in RESULT)")
        .type_name("FILE");
    cli::add_choice(command.app, "--metric", options->metric, {"auto", "l2", "cosine", "ip"},
                    "Distance (default: as in RESULT)");
    command.app.add_option("-k,--neighbors", options->k, "Compare so many; 0 = all")
        .check(cli::at_least(0));
    cli::add_read_arguments(command, options->read);
    command.examples = {"partita knn eval neighbors.h5 truth.h5",
                        "partita knn eval neighbors.h5 --exact-sample 1000",
                        "partita knn eval result.h5 sift-128-euclidean.hdf5 -k 10"};
    command.run = [options](cli::Session& session) { run_knn_eval(session, *options); };
}

}  // namespace partita
