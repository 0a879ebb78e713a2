#include "knn/plan_report.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"

#include <algorithm>
#include <cmath>

namespace partita::cli {
namespace {

std::string text_of(std::int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

std::string time_of(double seconds) {
    return seconds > 0 ? fmt::format("; about {}", format_seconds(std::max(seconds, 0.1))) : "";
}

void report_placement(Session const& session, knn::NodeIndex const& node) {
    session.field("placement", "{}: {}", to_string(node.placement.placement),
                  node.placement.reason);
}

/// What rounds cost beside the queries. @param rate  Of a rank.
double seconds_of_rounds(knn::JobShape const& shape, std::int64_t queries, int ranks, double rate,
                         bool read_in_order) {
    // Out of the system's cache; a slow disk takes longer.
    constexpr double bytes_per_second = 3e9;
    knn::RoundOverhead const each = knn::predict_round_overhead(shape, queries, read_in_order);
    double const rounds = std::ceil(static_cast<double>(shape.queries) /
                                    (static_cast<double>(queries) * static_cast<double>(ranks)));
    return rounds * (each.operations / rate + each.bytes / bytes_per_second);
}

}  // namespace

knn::JobShape shape_of(knn::IndexInfo const& info, std::int64_t queries, std::int64_t effort) {
    knn::JobShape shape;
    shape.type = info.type;
    shape.rows = info.rows;
    shape.dim = info.dim;
    shape.queries = queries;
    shape.lists = info.lists;
    shape.effort = effort;
    if (shape.type == "ivf") shape.codes = info.codes;
    return shape;
}

double predict_or_refuse(Session const& session, knn::JobShape const& shape,
                         knn::RoundPlan const& rounds, bool read_in_order,
                         std::int64_t max_seconds) {
    Communicator const& world = session.world();
    double const overhead = collectively(world, "plan", [&] {
        return shape.type == "ivf" ? knn::measure_list_overhead(shape, session.threads()) : 1.0;
    });
    double const operations = knn::predict_search_operations(shape, overhead);
    if (operations == 0) return 0;
    double const rate = knn::measure_job_rate(world, shape.dim, session.threads());
    double const fixed = rounds.queries == 0
                             ? 0
                             : seconds_of_rounds(shape, rounds.queries, world.size(),
                                                 rate / world.size(), read_in_order);
    double const seconds = world.broadcast(operations / rate + fixed);
    collectively(world, "", [&] {
        check(
            seconds <= static_cast<double>(max_seconds),
            "the search would take about {} at the {:.0f} GFLOP/s that the ranks reach, more than "
            "the {} that --max-time allows",
            format_seconds(seconds), rate / 1e9, format_seconds(static_cast<double>(max_seconds)));
    });
    return seconds;
}

std::string describe_plan(knn::RoundPlan const& plan, std::int64_t index_bytes,
                          std::int64_t queries, int ranks, double seconds) {
    std::int64_t const round = std::max<std::int64_t>(std::min(plan.queries * ranks, queries), 1);
    std::int64_t const rounds = (queries + round - 1) / round;
    std::int64_t const mine = (round + ranks - 1) / ranks;
    return fmt::format(
        "{} index, {} queries, {} working, {} results a rank; {} round{} of {} queries{}",
        text_of(index_bytes), text_of(mine * plan.costs.vectors),
        text_of(std::min(plan.workspace_bytes, mine * plan.costs.working)),
        text_of(mine * plan.costs.results), format_count(rounds), rounds == 1 ? "" : "s",
        format_count(round), time_of(seconds));
}

void report_plan(Session const& session, knn::NodeIndex const& node, knn::RoundPlan const& plan,
                 std::int64_t queries, double seconds) {
    Communicator const& world = session.world();
    bool const shared_out = node.placement.placement == knn::Placement::shard;
    std::int64_t const largest = world.all_reduce(node.searcher->share_bytes(), Reduce::max);
    std::int64_t const share =
        shared_out ? largest : node.file_bytes / session.topology().ranks_on_node();
    report_placement(session, node);
    std::string const codes = node.searcher->info().codes;
    session.field(
        "plan", "{}{}{}", codes == "fp32" ? "" : codes + ": ",
        describe_plan(plan, share, queries, world.size(), seconds),
        node.read_in_order
            ? fmt::format("; {} are read from disk, once for each round, since the memory "
                          "holds only a part of them",
                          node.searcher->info().type == "flat" ? "vectors" : "lists")
            : "");
}

void report_pairs_plan(Session const& session, knn::NodeIndex const& node,
                       std::int64_t candidate_bytes, double seconds) {
    report_placement(session, node);
    session.field("plan",
                  "{} index, {} candidates of all vectors a rank; each pair is scored once{}",
                  text_of(node.file_bytes / session.topology().ranks_on_node()),
                  text_of(candidate_bytes), time_of(seconds));
}

}  // namespace partita::cli
