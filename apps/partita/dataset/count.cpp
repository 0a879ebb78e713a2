#include "commands.hpp"
#include "dataset/counted.hpp"
#include "dataset/output.hpp"
#include "dataset/tables.hpp"

#include "partita/core/bytes.hpp"

namespace partita {
namespace {

struct DatasetCountOptions {
    cli::RowsArguments table;
    std::string key;
    cli::OutputArguments output;
};

struct CountFields {
    cli::KeyFields key{};

    template <class Visit>
    void operator()(Counted const& counted, Visit& visit) {
        key(counted.first, visit);
        visit(counted.second);
    }
};

void run_dataset_count(cli::Session& session, DatasetCountOptions const& options) {
    if (!options.output.out.empty()) session.check_output(options.output.out);
    auto const columns = cli::names_in(options.key, "--key");
    cli::RowsTable const table(cli::make_context(session), options.table, columns);
    if (columns.empty()) {
        std::int64_t const rows = table.rows().count();
        session.print("{}\n", rows);
        return session.finish(rows, "rows", "");
    }
    auto const counts = table.rows()
                            .map([key = cli::KeyBytes{columns.size()}](auto const& row) mutable {
                                return std::pair<std::string_view, std::int64_t>(key(row), 1);
                            })
                            .reduce_by_key(std::plus<std::int64_t>{});
    std::int64_t const rows = counts.values().sum();
    auto names = table.names();
    names.push_back("count");
    std::vector kinds(columns.size(), io::Hdf5Type::text);
    kinds.push_back(io::Hdf5Type::int64);
    cli::write_rows(session, counts.sort(more_frequent), options.output, names, kinds,
                    CountFields{});
    session.field("groups", "{}", format_count(counts.count()));
    session.finish(rows, "rows", options.output.out);
}

}  // namespace

void add_count(cli::CommandLine& line) {
    auto const options = std::make_shared<DatasetCountOptions>();
    cli::Command& command = line.add("count", "Count the rows of tables, by key or all");
    cli::add_rows_arguments(command, options->table);
    command.app.add_option("--key", options->key,
                           "Count for each value of these columns, separated by commas");
    cli::add_output_arguments(command, options->output);
    command.check = [options] {
        cli::names_in(options->key, "--key");
        check(!options->key.empty() || options->output.out.empty(),
              "--out: expected --key too, which says what to count by");
    };
    command.examples = {"partita count 'visits/*.csv'",
                        "partita count visits.csv --key city --top 10",
                        "mpirun -n 4 partita count visits.csv --key city,page --out counts.csv"};
    command.run = [options](cli::Session& session) { run_dataset_count(session, *options); };
}

}  // namespace partita
