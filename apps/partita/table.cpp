#include "commands.hpp"
#include "table/output.hpp"
#include "table/query.hpp"

namespace partita {
namespace {

void run_table(cli::Session& session, cli::Query const& query) {
    if (!query.out.empty()) session.check_output(cli::file_of(query.out));
    std::int64_t const rows = cli::write_result(session, query, cli::run_query(session, query));
    if (!query.out.empty()) session.finish(rows, "rows", query.out);
}

}  // namespace

void add_table(cli::CommandLine& line) {
    auto const query = std::make_shared<cli::Query>();
    cli::Command& command = line.add("table", "Filter, group, join and sort tables");
    cli::add_query_options(command, *query);
    command.examples = {
        "partita table flights.csv --where 'ArrDelay > 60' --sort=-ArrDelay --limit 10",
        "partita table flights.csv --group-by Carrier --agg 'count(), mean(ArrDelay) as delay'",
        "partita table lines.csv --join Track.csv --on TrackId --select Name,Quantity --out x.h5",
        "mpirun -n 4 partita table 'logs/*.csv.gz' --where \"status = 404\" --out missing.csv"};
    command.check = [query] { cli::check_query(*query); };
    command.run = [query](cli::Session& session) { run_table(session, *query); };
}

}  // namespace partita
