#include "cli/command_line.hpp"
#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/plan_report.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/build.hpp"

#include <algorithm>

namespace partita {
namespace {

struct Options {
    std::int64_t nodes = 1, cores = 1;
    std::optional<std::int64_t> memory_bytes;
    knn::JobShape shape;
    std::int64_t k = 10;
    std::string type = "auto", placement = "auto";
    double network = 1.2;
};

/// Ranks of about eight threads: one for each of the usual memory domains.
struct Layout {
    std::int64_t ranks_per_node, threads, ranks, node_bytes, rank_bytes;

    explicit Layout(Options const& options)
        : ranks_per_node(std::max<std::int64_t>(1, options.cores / 8)),
          threads(options.cores / ranks_per_node),
          ranks(ranks_per_node * options.nodes),
          // What a job takes of a node when --memory does not say.
          node_bytes(*options.memory_bytes / 5 * 4),
          rank_bytes(node_bytes / ranks_per_node) {}
};

knn::JobShape complete(Options const& options) {
    knn::JobShape shape = options.shape;
    if (shape.queries == 0) shape.queries = shape.rows;
    shape.type = options.type;
    if (shape.type == "auto")
        shape.type = knn::choose_type(shape.rows, shape.dim, shape.queries).type;
    if (shape.lists == 0) shape.lists = knn::default_lists(shape.rows);
    shape.effort = std::min(shape.effort, shape.lists);
    return shape;
}

/// What search_all would plan with the memory that the index leaves.
knn::RoundPlan plan_rounds(Options const& options, knn::JobShape const& shape, Layout const& layout,
                           bool shared_out, std::int64_t index_bytes) {
    knn::QueryCosts costs;
    costs.vectors = shape.dim * 4 + 8;
    costs.working = knn::predict_workspace_per_query(
        shape, options.k + 1, shared_out ? static_cast<int>(layout.ranks) : 1);
    costs.results = (options.k + 1) * 40;
    std::int64_t const left = layout.rank_bytes - index_bytes;
    check(left > 0, "the index takes {} of each rank's {}: expected more nodes or more memory",
          format_bytes(static_cast<double>(index_bytes)),
          format_bytes(static_cast<double>(layout.rank_bytes)));
    return knn::plan_rounds(costs, left / 3 * 2);
}

void print_times(cli::Session const& session, Options const& options, knn::JobShape const& shape,
                 Layout const& layout, bool shared_out) {
    double const rate_of_core = knn::measure_scan_rate(shape.dim, 1);
    double const rate = rate_of_core * static_cast<double>(options.cores * options.nodes);
    auto const time = [&](double operations, double traffic) -> std::string {
        if (operations == 0) return "not predicted for " + shape.type;
        return "about " + format_seconds(operations / rate + traffic / (options.network * 1e9));
    };
    double const traffic = shared_out ? knn::predict_search_traffic(shape, options.k + 1,
                                                                    static_cast<int>(options.nodes),
                                                                    static_cast<int>(layout.ranks))
                                      : 0;
    std::string const build = shape.type == "flat" ? "as long as copying the vectors takes"
                                                   : time(knn::predict_build_operations(shape), 0);
    session.field("build", "{}", build);
    session.field("search", "{}", time(knn::predict_search_operations(shape), traffic));
    session.field("prediction",
                  "not a measurement: from the {:.0f} GFLOP/s that a core of this "
                  "machine reaches now; files are not counted",
                  rate_of_core / 1e9);
}

void run(cli::Session& session, Options const& options) {
    knn::JobShape const shape = complete(options);
    Layout const layout(options);
    std::int64_t const bytes = knn::predict_index_bytes(shape);
    knn::PlacementFacts const facts{shape.type, bytes, layout.node_bytes,
                                    static_cast<int>(options.nodes),
                                    static_cast<int>(layout.ranks)};
    knn::PlacementChoice const placement = collectively(session.world(), "", [&] {
        return knn::choose_placement(knn::parse_placement(options.placement), facts);
    });
    bool const shared_out = placement.placement == knn::Placement::shard;
    std::int64_t const share = bytes / (shared_out ? layout.ranks : layout.ranks_per_node);
    knn::RoundPlan const plan = collectively(session.world(), "", [&] {
        return plan_rounds(options, shape, layout, shared_out, share);
    });
    session.field("layout",
                  "{} nodes x {} ranks x {} threads, {} a rank: mpirun -n {} partita "
                  "knn graph --threads {} --memory {}MiB",
                  options.nodes, layout.ranks_per_node, layout.threads,
                  format_bytes(static_cast<double>(layout.rank_bytes)), layout.ranks,
                  layout.threads, layout.rank_bytes >> 20);
    std::string const lists =
        shape.type == "ivf"
            ? fmt::format(", {} lists, nprobe {}", format_count(shape.lists), shape.effort)
            : "";
    session.field("index", "{} of {} x {}{}: {}", shape.type, format_count(shape.rows), shape.dim,
                  lists, format_bytes(static_cast<double>(bytes)));
    session.field("placement", "{}: {}", to_string(placement.placement), placement.reason);
    session.field(
        "plan", "{}",
        cli::describe_plan(plan, share, shape.queries, static_cast<int>(layout.ranks), 0));
    print_times(session, options, shape, layout, shared_out);
}

}  // namespace

void add_plan(cli::CommandLine& line) {
    auto const options = std::make_shared<Options>();
    options->shape.effort = 16;
    cli::Command& command =
        line.add("plan", "Predict layout, memory and time of a neighbour search on a cluster");
    CLI::App& app = command.app;
    app.add_option("--nodes", options->nodes, "Nodes")->check(cli::between(1, 1e6));
    app.add_option("--cores", options->cores, "Cores of a node")->check(cli::between(1, 1e6));
    // Here of a node, as machines are described, not of a rank.
    app.remove_option(app.get_option("--memory"));
    cli::add_size(app, "--memory", options->memory_bytes, "Memory of a node")->required();
    app.add_option("--vectors", options->shape.rows, "Vectors in the index")
        ->required()
        ->check(cli::between(1, 1e15));
    app.add_option("--dim", options->shape.dim, "Dimension")
        ->required()
        ->check(cli::between(1, 1e6));
    app.add_option("--queries", options->shape.queries, "Queries; 0 = the vectors themselves")
        ->check(cli::at_least(0));
    app.add_option("-k,--neighbors", options->k, "Neighbours of each query")
        ->check(cli::between(1, 1e6));
    cli::add_choice(app, "--type", options->type, {"auto", "flat", "ivf", "hnsw"}, "Kind of index");
    app.add_option("--lists", options->shape.lists, "ivf: number of lists; 0 = about 4 sqrt(n)")
        ->check(cli::at_least(0));
    app.add_option("--nprobe", options->shape.effort, "ivf: lists to look into")
        ->check(cli::at_least(1));
    cli::add_choice(app, "--placement", options->placement, {"auto", "replicate", "shard"},
                    "One copy of the index on each node, or a share on each rank");
    app.add_option("--network", options->network, "Gigabytes a second in and out of a node")
        ->check(cli::between(1e-3, 1e6));
    command.examples = {
        "partita plan --nodes 6 --cores 16 --memory 64GiB --vectors 10000000 --dim 128",
        "partita plan --memory 16GiB --cores 4 --vectors 500000 --dim 100 --queries 10000000"};
    command.run = [options](cli::Session& session) { run(session, *options); };
}

}  // namespace partita
