#include "cli/command_line.hpp"
#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "knn/plan_report.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/cluster_plan.hpp"

namespace partita {
namespace {

struct PlanOptions {
    knn::Cluster cluster;
    std::optional<std::int64_t> memory_bytes;
    knn::JobShape shape;
    std::int64_t k = 10;
    std::string type = "auto", placement = "auto";
    double network = 1.2;
};

/// Does knn graph score each pair once, as it does where its memory allows?
bool scores_pairs_once(PlanOptions const& options, knn::JobShape const& shape,
                       knn::ClusterPlan const& plan) {
    return options.shape.queries == 0 && shape.type == "flat" && !plan.is_shared_out() &&
           knn::predict_pairs_bytes(shape.rows, options.k) <=
               (plan.layout.rank_bytes - plan.index_bytes) / 2;
}

void print_times(cli::Session const& session, PlanOptions const& options,
                 knn::JobShape const& shape, knn::ClusterPlan const& plan) {
    // By one rank: others on its cores would slow it down.
    Communicator const& world = session.world();
    auto const on_root = [&](auto measure) {
        return world.broadcast(world.is_root() ? measure() : 0.0);
    };
    double const rate_of_core = on_root([&] { return knn::measure_scan_rate(shape.dim, 1); });
    auto const nodes = static_cast<int>(options.cluster.nodes);
    double const rate = rate_of_core * static_cast<double>(options.cluster.cores) * nodes;
    auto const time = [&](double operations, double traffic) -> std::string {
        if (operations == 0) return "not predicted for " + shape.type;
        return "about " + format_seconds(operations / rate + traffic / (options.network * 1e9));
    };
    double traffic = 0;
    if (plan.is_shared_out())
        traffic = knn::predict_search_traffic(shape, options.k + 1, nodes,
                                              static_cast<int>(plan.layout.ranks));
    else if (nodes > 1)  // a copy travels to each node, from one to the next
        traffic = static_cast<double>(plan.index_bytes);
    std::string const build = shape.type == "flat" ? "as long as copying the vectors takes"
                                                   : time(knn::predict_build_operations(shape), 0);
    session.field("build", "{}", build);
    double const overhead =
        shape.type == "ivf" ? on_root([&] { return knn::measure_list_overhead(shape, 1); }) : 1;
    session.field("search", "{}", time(knn::predict_search_operations(shape, overhead), traffic));
    session.field("prediction",
                  "not a measurement: from the {:.0f} GFLOP/s that a core of this "
                  "machine reaches now; files are not counted",
                  rate_of_core / 1e9);
}

/// What follows counts bytes in 64 bits.
void check_shape(knn::JobShape const& shape) {
    constexpr std::int64_t most_numbers = std::int64_t{1} << 58;
    check(shape.rows <= most_numbers / shape.dim,
          "plan: expected vectors of at most 1 EiB in all, got {} x {}", format_count(shape.rows),
          shape.dim);
    check(shape.lists <= shape.rows, "--lists: expected at most {} (the number of vectors), got {}",
          shape.rows, shape.lists);
    check(shape.queries <= most_numbers / shape.dim,
          "plan: expected queries of at most 1 EiB in all, got {} x {}",
          format_count(shape.queries), shape.dim);
}

void run_plan(cli::Session& session, PlanOptions options) {
    collectively(session.world(), "", [&] { check_shape(options.shape); });
    options.cluster.node_memory_bytes = *options.memory_bytes;
    options.shape.type = options.type;
    knn::JobShape shape = knn::complete(options.shape);
    knn::ClusterPlan const plan = collectively(session.world(), "", [&] {
        return knn::plan_on_cluster(options.cluster, shape, options.k,
                                    knn::parse_placement(options.placement));
    });
    shape.each_pair_once = scores_pairs_once(options, shape, plan);
    knn::ClusterLayout const& layout = plan.layout;
    session.field("layout",
                  "{} nodes x {} ranks x {} threads, {} a rank: mpirun -n {} partita "
                  "knn {} --threads {} --memory {}MiB",
                  options.cluster.nodes, layout.ranks_per_node, layout.threads,
                  format_bytes(static_cast<double>(layout.rank_bytes)), layout.ranks,
                  options.shape.queries > 0 ? "search" : "graph", layout.threads,
                  layout.rank_bytes >> 20);
    std::string const lists =
        shape.type == "ivf"
            ? fmt::format(", {} lists, nprobe {}", format_count(shape.lists), shape.effort)
            : "";
    session.field("index", "{} of {} x {}{}: {}", shape.type, format_count(shape.rows), shape.dim,
                  lists, format_bytes(static_cast<double>(plan.index_bytes)));
    session.field("placement", "{}: {}", to_string(plan.placement.placement),
                  plan.placement.reason);
    session.field("plan", "{}",
                  cli::describe_plan(plan.rounds, plan.share_bytes, shape.queries,
                                     static_cast<int>(layout.ranks), 0));
    print_times(session, options, shape, plan);
}

}  // namespace

void add_plan(cli::CommandLine& line) {
    auto const options = std::make_shared<PlanOptions>();
    options->shape.effort = 16;
    cli::Command& command =
        line.add("plan", "Predict layout, memory and time of a neighbour search on a cluster");
    cli::OptionSet& app = command.app;
    app.add_option("--nodes", options->cluster.nodes, "Nodes").check(cli::between(1, 1e6));
    app.add_option("--cores", options->cluster.cores, "Cores of a node")
        .check(cli::between(1, 1e6));
    // Here of a node, as machines are described, not of a rank.
    app.remove_option("--memory");
    cli::add_size(app, "--memory", options->memory_bytes, "Memory of a node").required();
    app.add_option("--vectors", options->shape.rows, "Vectors in the index")
        .required()
        .check(cli::between(1, 1e15));
    app.add_option("--dim", options->shape.dim, "Dimension").required().check(cli::between(1, 1e6));
    app.add_option("--queries", options->shape.queries, "Queries; 0 = the vectors themselves")
        .check(cli::at_least(0));
    app.add_option("-k,--neighbors", options->k, "Neighbours of each query")
        .check(cli::between(1, 1e6));
    cli::add_choice(app, "--type", options->type, {"auto", "flat", "ivf", "hnsw"}, "Kind of index");
    app.add_option("--lists", options->shape.lists, "ivf: number of lists; 0 = about 4 sqrt(n)")
        .check(cli::at_least(0));
    app.add_option("--nprobe", options->shape.effort, "ivf: lists to look into")
        .check(cli::at_least(1));
    cli::add_choice(app, "--placement", options->placement, {"auto", "replicate", "shard"},
                    "One copy of the index on each node, or a share on each rank");
    app.add_option("--network", options->network, "Gigabytes a second in and out of a node")
        .check(cli::between(1e-3, 1e6));
    command.examples = {
        "partita plan --nodes 6 --cores 16 --memory 64GiB --vectors 10000000 --dim 128",
        "partita plan --memory 16GiB --cores 4 --vectors 500000 --dim 100 --queries 10000000"};
    command.run = [options](cli::Session& session) { run_plan(session, *options); };
}

}  // namespace partita
