#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/job_facts.hpp"
#include "knn/options.hpp"
#include "knn/plan_report.hpp"
#include "knn/search_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/bytes.hpp"

#include <cstdio>
#include <filesystem>

namespace partita {
namespace {

constexpr std::int64_t default_shards = 16;

struct Options {
    std::string vectors, index_path;
    cli::ReadArguments read;
    cli::IndexArguments index;
    cli::SearchArguments search;
};

io::Facts facts_of(cli::Session const& session, Options const& options,
                   io::VectorSource const& source) {
    io::Facts facts = cli::facts_of(session, options.search);
    cli::add_facts(facts, options.index, options.index.chosen_metric(source));
    cli::add_facts(facts, "vectors", source, options.read);
    facts["index file"] = options.index_path;
    return facts;
}

/// Exact search takes a predictable time: better refused now than after copying the vectors.
void refuse_long_search(cli::Session const& session, Options const& options,
                        io::VectorSource const& source) {
    knn::IndexInfo info;
    info.type = options.index.type;
    info.rows = source.rows();
    info.dim = source.dim();
    if (info.type == "auto") info.type = knn::choose_type(info.rows, info.dim, info.rows).type;
    if (info.type == "flat")
        cli::predict_or_refuse(session, info, info.rows, 0, options.search.max_seconds);
}

/// Build the index, unless a killed job has done that.
void build(cli::Session& session, Options const& options, io::VectorSource const& source,
           std::string const& path, io::PartialOutput& partial) {
    if (partial.fact("index")) return session.field("build", "done before");
    knn::BuildOptions const build =
        options.index.options_for_graph(session, source, !options.index_path.empty());
    obs::Stopwatch watch;
    knn::IndexInfo const info = knn::build_index(session.world(), source, path, build);
    session.field("build", "{}", format_seconds(watch.seconds()));
    partial.set_fact("index", fmt::format("{:016x}", info.data_hash));
    partial.record(0);
}

knn::NodeIndex distribute(cli::Session const& session, cli::SearchArguments const& search,
                          std::string const& path, bool keep, io::PartialOutput const& partial) {
    knn::NodeIndex node = knn::distribute_index(session.world(), session.topology(), path,
                                                search.distribute_options(session));
    // An index that nobody keeps needs no copies for later jobs either; mapped, they stay readable.
    if (!keep && session.topology().is_node_leader())
        for (std::string const& copy : node.copies(path)) std::remove(copy.c_str());
    collectively(session.world(), "", [&] {
        check(partial.fact("index") == fmt::format("{:016x}", node.data_hash),
              "{}: --resume: expected the index that the unfinished job built, got another", path);
    });
    return node;
}

void run(cli::Session& session, Options const& options) {
    StopSignals const signals;
    cli::check_search(session, options.search);
    collectively(session.world(), "", [&] { options.search.check_type(options.index.type); });
    auto const source =
        io::VectorSource::open(session.world(), options.vectors, options.read.options());
    refuse_long_search(session, options, source);
    io::PartialOutput partial(
        session.world(), options.search.out,
        cli::partial_options(session, options.search, facts_of(session, options, source)));
    bool const keep = !options.index_path.empty();
    std::string const path = keep ? options.index_path : partial.file("index");
    build(session, options, source, path, partial);
    knn::NodeIndex const node = distribute(session, options.search, path, keep, partial);
    knn::VectorQueries const queries(source, node.searcher->info().metric, true);
    cli::search_and_report(session, node, queries, options.search, partial, keep ? path : "");
    session.finish(source.rows(), "vectors", options.search.out);
}

}  // namespace

void add_knn_graph(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    cli::Command& command =
        line.add("knn graph", "Find the neighbours of all vectors among themselves");
    command.app.add_option("VECTORS", options->vectors, "Vector file, or file.h5:/dataset")
        ->required()
        ->type_name("FILE");
    command.app.add_option("--index", options->index_path, "Keep the index in this file")
        ->type_name("FILE")
        ->group("Output");
    cli::add_read_arguments(command, options->read);
    cli::add_index_arguments(command, options->index);
    cli::add_search_arguments(command, options->search);
    command.app
        .add_flag("--mutual", options->search.mutual,
                  "Keep a neighbour only where both are among the other's k nearest")
        ->group("Search");
    command.examples = {
        "partita knn graph vectors.h5 -k 10 --out neighbors.h5",
        "mpirun -n 8 partita knn graph big.npy -k 10 --recall 0.95 --out nn.h5",
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
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
