#include "commands.hpp"
#include "dataset/output.hpp"
#include "dataset/tables.hpp"
#include "dataset/totals.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>

namespace partita {
namespace {

struct DatasetReduceOptions {
    cli::RowsArguments table;
    std::string key, value, aggregates = "sum,count,mean,min,max,stddev";
    cli::OutputArguments output;
};

using Reduced = std::pair<std::string, cli::Totals>;

void check_aggregates(DatasetReduceOptions const& options) {
    std::vector<std::string> const known = {"sum", "count", "mean", "min", "max", "stddev"};
    auto const names = cli::names_in(options.aggregates, "--agg");
    check(!names.empty(), "--agg: expected {}, got nothing", one_of(known));
    for (std::string const& name : names)
        check(std::find(known.begin(), known.end(), name) != known.end(),
              "--agg: expected {}, got '{}'{}", one_of(known), name, did_you_mean(name, known));
}

/// The key's columns and what was asked of its numbers.
struct TotalsFields {
    std::vector<std::string> aggregates;
    cli::KeyFields key{};

    template <class Visit>
    void operator()(Reduced const& reduced, Visit& visit) {
        key(reduced.first, visit);
        for (std::string const& name : aggregates) {
            auto const value = reduced.second.of(name);
            if (name == "count")
                visit(reduced.second.stats.count);
            else if (value)
                visit(*value);
            else
                visit(dataset::NullField<double>{});
        }
    }
};

auto reduce(cli::RowsTable const& table, std::int64_t keys) {
    return table.rows()
        .map([keys, key = cli::KeyBytes{static_cast<std::size_t>(keys)}](
                 dataset::TableRow const& row) mutable {
            cli::Totals one;
            if (!row.is_null(keys)) one.add(row.number<double>(keys));
            return std::pair<std::string_view, cli::Totals>(key(row), one);
        })
        .reduce_by_key([](cli::Totals a, cli::Totals const& b) {
            a.merge(b);
            return a;
        });
}

void run_dataset_reduce(cli::Session& session, DatasetReduceOptions const& options) {
    if (!options.output.out.empty()) session.check_output(options.output.out);
    auto columns = cli::names_in(options.key, "--key");
    auto const keys = static_cast<std::int64_t>(columns.size());
    columns.push_back(options.value);
    cli::RowsTable const table(cli::make_context(session), options.table, columns);
    auto const totals = reduce(table, keys);
    std::int64_t const rows =
        totals.values().map([](cli::Totals const& one) { return one.stats.count; }).sum();

    auto names = table.names();
    names.pop_back();
    std::vector kinds(names.size(), io::Hdf5Type::text);
    auto const aggregates = cli::names_in(options.aggregates, "--agg");
    for (std::string const& name : aggregates) {
        names.push_back(name);
        kinds.push_back(name == "count" ? io::Hdf5Type::int64 : io::Hdf5Type::float64);
    }
    cli::write_rows(session, totals.sort_by_key(), options.output, names, kinds,
                    TotalsFields{aggregates});
    session.field("groups", "{}", format_count(totals.count()));
    session.finish(rows, "numbers", options.output.out);
}

}  // namespace

void add_reduce(cli::CommandLine& line) {
    auto const options = std::make_shared<DatasetReduceOptions>();
    cli::Command& command = line.add("reduce", "Sum up the numbers of each key");
    cli::OptionSet& app = command.app;
    cli::add_rows_arguments(command, options->table);
    app.add_option("--key", options->key, "Columns of the key, separated by commas").required();
    app.add_option("--value", options->value, "Column of numbers; empty fields are left out")
        .required();
    app.add_option("--agg", options->aggregates,
                   "What to say of them, separated by commas: sum, count, mean, min, max, stddev");
    cli::add_output_arguments(command, options->output);
    command.check = [options] {
        cli::names_in(options->key, "--key");
        check_aggregates(*options);
    };
    command.examples = {
        "partita reduce sales.csv --key city --value amount --agg sum,mean --out totals.csv",
        "mpirun -n 4 partita reduce 'names/*.txt' --no-header --key 1 --value 3 --agg sum"};
    command.run = [options](cli::Session& session) { run_dataset_reduce(session, *options); };
}

}  // namespace partita
