#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "ml/options.hpp"

#include "partita/core/bytes.hpp"
#include "partita/pipeline/evaluate_ranking.hpp"

namespace partita {
namespace {

struct RankMetricsOptions {
    cli::TableArguments table;
    std::string query, score, label;
    std::int64_t at = 10;
};

void run_rank_metrics(cli::Session& session, RankMetricsOptions const& options) {
    frame::Table const table = cli::open_table(session, options.table);
    auto const m =
        pipeline::evaluate_ranking(table, options.query, options.score, options.label, options.at);
    session.field("queries", "{}, {} without a relevant item", format_count(m.queries),
                  format_count(m.without_relevant));
    auto const figure = [&](std::string const& name, double value) {
        session.print("  {:<20} {:.10g}\n", name, value);
    };
    figure("MAP", m.mean_average_precision);
    figure("MRR", m.mean_reciprocal_rank);
    figure(fmt::format("precision@{}", options.at), m.precision);
    figure(fmt::format("recall@{}", options.at), m.recall);
    figure(fmt::format("NDCG@{}", options.at), m.ndcg);
    session.finish(m.queries, "queries", "");
}

}  // namespace

void add_rank_metrics(cli::CommandLine& line) {
    auto const options = std::make_shared<RankMetricsOptions>();
    cli::Command& command =
        line.add("rank-metrics", "Judge scores by the order that they give each query's items");
    cli::OptionSet& app = command.app;
    cli::add_table_arguments(command, options->table);
    app.add_option("--by", options->query, "Column of queries or users").required().group("Input");
    app.add_option("--score", options->score, "Column of scores").required().group("Input");
    app.add_option("--label", options->label, "Column that is above 0 for relevant items")
        .required()
        .group("Input");
    app.add_option("--at", options->at, "Items that count for precision, recall and NDCG")
        .check(cli::at_least(1));
    command.examples = {
        "partita rank-metrics scores.csv --by user --score probability_1 --label bought --at 5",
        "mpirun -n 4 partita rank-metrics scores.h5 --by query --score rank --label relevant"};
    command.run = [options](cli::Session& session) { run_rank_metrics(session, *options); };
}

}  // namespace partita
