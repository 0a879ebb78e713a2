#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/graph_step.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/placement.hpp"

namespace partita {
namespace {

constexpr std::int64_t default_shards = 16;

}  // namespace

void add_knn_graph(cli::CommandLine& line) {
    auto const options = std::make_shared<cli::GraphArguments>();
    cli::Command& command =
        line.add("knn graph", "Find the neighbours of all vectors among themselves");
    command.app.add_option("VECTORS", options->vectors, "Vector file, or file.h5:/dataset")
        .required()
        .type_name("FILE");
    command.app.add_option("--index", options->index_path, "Keep the index in this file")
        .type_name("FILE")
        .group("Output");
    cli::add_read_arguments(command, options->read);
    cli::add_index_arguments(command, options->index);
    cli::add_search_arguments(command, options->search);
    command.app
        .add_flag("--mutual", options->search.mutual,
                  "Keep a neighbour only where both are among the other's k nearest")
        .group("Search");
    command.app
        .add_option("--refine", options->search.refine,
                    "ivf: so many times, look also at the neighbours of neighbours, which raises "
                    "recall for less than a higher --nprobe would; takes memory for all lists")
        .check(cli::between(0, 16))
        .group("Search");
    command.examples = {
        "partita knn graph vectors.h5 -k 10 --out neighbors.h5",
        "mpirun -n 8 partita knn graph big.npy -k 10 --recall 0.95 --out nn.h5",
        "partita knn graph big.npy -k 10 --nprobe 4 --refine 1 --out nn.h5",
        "partita knn graph words.fvecs --ids words.txt --metric cosine --out nn.csv",
        "partita knn graph cells.h5 -k 15 --exclude-self --mutual --format csr --out graph.h5",
        "mpirun -n 4 partita knn graph big.npy -k 10 --out nn.h5 --resume"};
    command.check = [options] {
        std::string const& type = options->index.type;
        if (options->search.placement != "shard") return;
        check(
            type == "auto" || knn::can_be_sharded(type),
            "--placement shard: expected --type flat, ivf or hnsw, which can be shared out, got {}",
            type);
        check(type != "hnsw" || options->index.shards != 1,
              "--placement shard --shards 1: expected several graphs to share out");
        // A number that does not depend on the ranks, so that the result does not either.
        if (options->index.shards == 0) options->index.shards = default_shards;
    };
    command.run = [options](cli::Session& session) { cli::make_graph(session, *options); };
}

}  // namespace partita
