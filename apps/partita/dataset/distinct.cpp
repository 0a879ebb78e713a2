#include "commands.hpp"
#include "dataset/output.hpp"
#include "dataset/tables.hpp"

namespace partita {
namespace {

struct DatasetDistinctOptions {
    cli::RowsArguments table;
    std::string columns;
    cli::OutputArguments output;
};

void run_dataset_distinct(cli::Session& session, DatasetDistinctOptions const& options) {
    if (!options.output.out.empty()) session.check_output(options.output.out);
    cli::RowsTable const table(cli::make_context(session), options.table,
                               cli::names_in(options.columns, "--columns"));
    auto const rows = table.rows().map(cli::KeyBytes{table.columns()}).distinct();
    std::int64_t const count = rows.count();
    cli::write_rows(session, rows.sort(), options.output, table.names(),
                    std::vector(table.columns(), io::Hdf5Type::text), cli::KeyFields{});
    session.finish(count, "distinct rows", options.output.out);
}

}  // namespace

void add_distinct(cli::CommandLine& line) {
    auto const options = std::make_shared<DatasetDistinctOptions>();
    cli::Command& command = line.add("distinct", "Keep one of equal rows, sorted");
    cli::add_rows_arguments(command, options->table);
    command.app.add_option("--columns", options->columns,
                           "Columns, separated by commas (default: all)");
    cli::add_output_arguments(command, options->output);
    command.check = [options] { cli::names_in(options->columns, "--columns"); };
    command.examples = {"partita distinct visits.csv --columns city,page --out pages.csv",
                        "mpirun -n 4 partita distinct 'parts/*.csv.gz' --out all.csv"};
    command.run = [options](cli::Session& session) { run_dataset_distinct(session, *options); };
}

}  // namespace partita
