#include "commands.hpp"
#include "ml/options.hpp"
#include "table/output.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/from_block.hpp"
#include "partita/frame/summary.hpp"

namespace partita {
namespace {

struct DescribeOptions {
    cli::TableArguments input;
    std::string select, where, out;
};

frame::Table summary_of(cli::Session const& session, DescribeOptions const& options) {
    dataset::Context const context = cli::make_context(session);
    frame::Table table = cli::open_table(context, options.input.path, options.input.csv_options(),
                                         options.input.format);
    if (!options.where.empty()) table = table.filter(options.where);
    return frame::from_block(context, frame::describe(table, cli::split_words(options.select)));
}

void run_describe(cli::Session& session, DescribeOptions const& options) {
    if (!options.out.empty()) session.check_output(cli::file_of(options.out));
    frame::Table const summary =
        cli::with_agreed_errors([&] { return summary_of(session, options); });
    if (options.out.empty()) return cli::print_aligned(session, summary.collect());
    std::int64_t const rows = cli::write_table(session, summary, options.out);
    session.finish(rows, "columns", options.out);
}

}  // namespace

void add_describe(cli::CommandLine& line) {
    auto const options = std::make_shared<DescribeOptions>();
    cli::Command& command =
        line.add("describe", "Show what is in a table's columns: counts, mean, quartiles");
    command.app
        .add_option("TABLE", options->input.path, "CSV, .jsonl or .svm file(s), or file.h5:/table")
        .required()
        .type_name("FILE");
    cli::add_read_options(command, options->input);
    command.app.add_option("--select", options->select, "These columns only: a,b")
        .group("Rows and columns");
    command.app.add_option("--where", options->where, "These rows only: \"ArrDelay > 15\"")
        .group("Rows and columns");
    command.app
        .add_option("--out", options->out,
                    "A row a column as .csv, .tsv, .jsonl or .h5; none: print")
        .type_name("FILE")
        .group("Result");
    command.examples = {"partita describe flights.csv",
                        "partita describe flights.csv --where \"Dest = 'JFK'\" --select ArrDelay",
                        "mpirun -n 4 partita describe 'logs/*.csv' --out columns.csv"};
    command.check = [options] { cli::check_output_name(options->out); };
    command.run = [options](cli::Session& session) { run_describe(session, *options); };
}

}  // namespace partita
