#include "knn/graph_step.hpp"

#include "knn/job_facts.hpp"
#include "knn/plan_report.hpp"
#include "knn/search_memory.hpp"
#include "knn/search_step.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/bytes.hpp"

#include <algorithm>
#include <cstdio>

namespace partita::cli {
namespace {

io::Facts facts_of(Session const& session, GraphArguments const& arguments,
                   io::VectorSource const& source) {
    io::Facts facts = cli::facts_of(session, arguments.search);
    add_facts(facts, arguments.index, arguments.index.chosen_metric(source));
    add_facts(facts, "vectors", source, arguments.read);
    facts["index file"] = arguments.index_path;
    return facts;
}

/// Exact search takes a predictable time: better refused now than after copying the vectors.
void refuse_long_search(Session const& session, GraphArguments const& arguments,
                        io::VectorSource const& source) {
    knn::IndexInfo info;
    info.type = arguments.index.type;
    info.rows = source.rows();
    info.dim = source.dim();
    if (info.type == "auto") info.type = knn::choose_type(info.rows, info.dim, info.rows).type;
    if (info.type != "flat") return;
    knn::JobShape shape = shape_of(info, info.rows, 0);
    // Where this memory is not there after all, the search refuses itself.
    shape.each_pair_once =
        !arguments.search.radius && !arguments.search.resume &&
        arguments.search.pairs_bytes(info.rows) < session.memory().per_rank_bytes;
    predict_or_refuse(session, shape, {}, false, arguments.search.max_seconds);
}

/// An hnsw index that no node could hold is better not built.
void refuse_large_graph(Session const& session, GraphArguments const& arguments,
                        io::VectorSource const& source) {
    IndexArguments const& index = arguments.index;
    if (index.type != "hnsw") return;
    knn::JobShape shape;
    shape.type = index.type;
    shape.rows = source.rows();
    shape.dim = source.dim();
    shape.links = index.links;
    std::int64_t const graphs = std::max<std::int64_t>(index.shards, 1);
    knn::PlacementFacts facts;
    facts.type = index.type;
    facts.index_bytes = knn::predict_index_bytes(shape);
    facts.node_memory_bytes =
        session.world().all_reduce(session.memory().per_node_bytes, Reduce::min);
    facts.nodes = session.topology().nodes();
    facts.ranks = session.world().size();
    facts.can_be_shared = graphs > 1;
    facts.workspace_bytes = session.world().all_reduce(
        knn::graph_workspace_bytes(source.rows() / graphs, session.topology().ranks_on_node(),
                                   session.threads()),
        Reduce::max);
    collectively(session.world(), "", [&] {
        knn::choose_placement(knn::parse_placement(arguments.search.placement), facts);
    });
}

/// Lists that cannot fit are better known of before the index is built.
void refuse_large_lists(Session const& session, GraphArguments const& arguments,
                        io::VectorSource const& source) {
    if (arguments.search.refine == 0) return;
    std::string type = arguments.index.type;
    if (type == "auto") type = knn::choose_type(source.rows(), source.dim(), source.rows()).type;
    if (type != "ivf") return;
    // As much as SearchMemory::for_lists gives at the most.
    check_lists(session, arguments.search, source.rows(), session.memory().per_rank_bytes / 2);
}

/// Build the index, unless a killed job has done that.
void build(Session& session, GraphArguments const& arguments, io::VectorSource const& source,
           std::string const& path, io::PartialOutput& partial) {
    if (partial.fact("index")) return session.field("build", "done before");
    knn::BuildOptions const build =
        arguments.index.options_for_graph(session, source, !arguments.index_path.empty());
    obs::Stopwatch watch;
    knn::IndexInfo const info = knn::build_index(session.world(), source, path, build);
    session.field("build", "{}", format_seconds(watch.seconds()));
    partial.set_fact("index", fmt::format("{:016x}", info.data_hash));
    partial.record(0);
}

knn::NodeIndex distribute(Session const& session, SearchArguments const& search,
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

}  // namespace

void make_graph(Session& session, GraphArguments const& arguments) {
    StopSignals const signals;
    check_search(session, arguments.search);
    collectively(session.world(), "", [&] { arguments.search.check_type(arguments.index.type); });
    auto const source =
        io::VectorSource::open(session.world(), arguments.vectors, arguments.read.options());
    refuse_long_search(session, arguments, source);
    refuse_large_graph(session, arguments, source);
    refuse_large_lists(session, arguments, source);
    io::PartialOutput partial(
        session.world(), arguments.search.out,
        partial_options(session, arguments.search, facts_of(session, arguments, source)));
    bool const keep = !arguments.index_path.empty();
    std::string const path = keep ? arguments.index_path : partial.file("index");
    build(session, arguments, source, path, partial);
    knn::NodeIndex const node = distribute(session, arguments.search, path, keep, partial);
    knn::VectorQueries const queries(source, node.searcher->info().metric, true);
    search_and_report(session, node, queries, arguments.search, partial, keep ? path : "");
    session.finish(source.rows(), "vectors", arguments.search.out);
}

}  // namespace partita::cli
