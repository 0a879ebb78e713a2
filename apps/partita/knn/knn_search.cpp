#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/items.hpp"
#include "knn/job_facts.hpp"
#include "knn/options.hpp"
#include "knn/sample_queries.hpp"
#include "knn/search_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"

#include <optional>

namespace partita {
namespace {

struct KnnSearchOptions {
    std::string index, queries;
    bool by_item = false, cosine = false;
    cli::ReadArguments read;
    cli::SearchArguments search;
};

io::Facts facts_of(cli::Session const& session, cli::SearchArguments const& arguments,
                   knn::NodeIndex const& node) {
    io::Facts facts = cli::facts_of(session, arguments);
    facts["index"] = fmt::format("{:016x}", node.data_hash);
    return facts;
}

void search_items(cli::Session& session, KnnSearchOptions const& options,
                  knn::NodeIndex const& node) {
    auto const items = cli::read_items(session.world(), options.queries);
    knn::ItemQueries const queries(session.world(), *node.searcher, node.index.get(), node.ids,
                                   items, options.queries);
    io::Facts facts = facts_of(session, options.search, node);
    cli::add_facts(facts, "items", items);
    io::PartialOutput partial(session.world(), options.search.out,
                              cli::partial_options(session, options.search, facts));
    cli::search_and_report(session, node, queries, options.search, partial, options.index);
}

void search_vectors(cli::Session& session, KnnSearchOptions const& options,
                    io::VectorSource const& source, knn::NodeIndex const& node) {
    collectively(session.world(), "", [&] {
        check(source.dim() == node.searcher->dim(),
              "{}: expected vectors of dimension {} as in {}, got {}", source.spec(),
              node.searcher->dim(), options.index, source.dim());
    });
    knn::VectorQueries const queries(source, node.searcher->info().metric, false);
    io::Facts facts = facts_of(session, options.search, node);
    cli::add_facts(facts, "queries", source, options.read);
    io::PartialOutput partial(session.world(), options.search.out,
                              cli::partial_options(session, options.search, facts));
    cli::search_and_report(session, node, queries, options.search, partial, options.index);
}

void run_knn_search(cli::Session& session, KnnSearchOptions const& options) {
    StopSignals const signals;
    cli::check_search(session, options.search);
    knn::DistributeOptions distribute = options.search.distribute_options(session);
    distribute.cosine = options.cosine;
    std::optional<io::VectorSource> source;
    if (!options.by_item) {
        source.emplace(io::VectorSource::open(session.world(), options.queries,
                                              options.read.options(), "test"));
        distribute.sample_queries = [&](knn::IndexInfo const& info) {
            return cli::sample_queries(session.world(), *source, info);
        };
    }
    knn::NodeIndex const node =
        knn::distribute_index(session.world(), session.topology(), options.index, distribute);
    if (options.by_item)
        search_items(session, options, node);
    else
        search_vectors(session, options, *source, node);
    session.finish(node.searcher->rows(), "vectors", options.search.out);
}

}  // namespace

void add_knn_search(cli::CommandLine& line) {
    auto const options = std::make_shared<KnnSearchOptions>();
    cli::Command& command = line.add("knn search", "Find the neighbours of queries in an index");
    command.app
        .add_option("INDEX", options->index, "Index file: of 'knn build', or any FAISS index")
        .required()
        .type_name("FILE");
    command.app.add_option("QUERIES", options->queries, "Vector file; with --by-item a list of ids")
        .required()
        .type_name("FILE");
    command.app.add_flag("--by-item", options->by_item,
                         "QUERIES is a text file of ids of the index (one a line), or ids "
                         "separated by commas: find their neighbours");
    command.app.add_flag("--cosine", options->cosine,
                         "A bare FAISS inner-product index holds vectors of length 1");
    cli::add_read_arguments(command, options->read);
    cli::add_search_arguments(command, options->search);
    command.examples = {
        "partita knn search vectors.index queries.npy -k 10 --out neighbors.h5",
        "mpirun -n 8 partita knn search big.index queries.h5 --recall 0.99 --out nn.h5",
        "partita knn search words.index horse,london --by-item -k 5 --out nn.csv",
        "partita knn search words.index words.fvecs --radius 0.2 --format csr --out near.h5"};
    command.run = [options](cli::Session& session) { run_knn_search(session, *options); };
}

}  // namespace partita
