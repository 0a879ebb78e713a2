#include "knn/plan_report.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"

#include <algorithm>

namespace partita::cli {
namespace {

std::string text_of(std::int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

}  // namespace

double predict_or_refuse(Session const& session, knn::IndexInfo const& info, std::int64_t queries,
                         std::int64_t effort, std::int64_t max_seconds) {
    knn::JobShape shape;
    shape.type = info.type;
    shape.rows = info.rows;
    shape.dim = info.dim;
    shape.queries = queries;
    shape.lists = info.lists;
    shape.effort = effort;
    double const overhead = collectively(session.world(), "plan", [&] {
        return shape.type == "ivf" ? knn::measure_list_overhead(shape, session.threads()) : 1.0;
    });
    double const operations = knn::predict_search_operations(shape, overhead);
    if (operations == 0) return 0;
    double const rate = knn::measure_job_rate(session.world(), info.dim, session.threads());
    double const seconds = session.world().broadcast(operations / rate);
    collectively(session.world(), "", [&] {
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
    std::string const time =
        seconds > 0 ? fmt::format("; about {}", format_seconds(std::max(seconds, 0.1))) : "";
    return fmt::format(
        "{} index, {} queries, {} working, {} results a rank; {} round{} of {} queries{}",
        text_of(index_bytes), text_of(mine * plan.costs.vectors),
        text_of(std::min(plan.workspace_bytes, mine * plan.costs.working)),
        text_of(mine * plan.costs.results), format_count(rounds), rounds == 1 ? "" : "s",
        format_count(round), time);
}

void report_plan(Session const& session, knn::NodeIndex const& node, knn::RoundPlan const& plan,
                 std::int64_t queries, double seconds) {
    Communicator const& world = session.world();
    bool const shared_out = node.placement.placement == knn::Placement::shard;
    std::int64_t const largest = world.all_reduce(node.searcher->share_bytes(), Reduce::max);
    std::int64_t const share =
        shared_out ? largest : node.file_bytes / session.topology().ranks_on_node();
    session.field("placement", "{}: {}", to_string(node.placement.placement),
                  node.placement.reason);
    std::string const codes = node.searcher->info().codes;
    session.field("plan", "{}{}{}", codes == "fp32" ? "" : codes + ": ",
                  describe_plan(plan, share, queries, world.size(), seconds),
                  node.read_in_order
                      ? "; lists are read from disk, once for each round, since the memory holds "
                        "only a part of them"
                      : "");
}

}  // namespace partita::cli
