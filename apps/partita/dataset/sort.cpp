#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "dataset/output.hpp"
#include "dataset/tables.hpp"

#include "partita/core/bytes.hpp"

#include <atomic>

namespace partita {
namespace {

using dataset::ValueOrder;

struct DatasetSortOptions {
    cli::RowsArguments table;
    std::string key, value, by = "alphabet", order = "auto", nulls = "drop";
    bool distinct = false;
    cli::OutputArguments output;

    dataset::SortWithinKeysOptions sort() const {
        bool const ascending = order == "asc" || (order == "auto" && by == "alphabet");
        dataset::SortWithinKeysOptions options;
        if (by == "alphabet")
            options.order = ascending ? ValueOrder::ascending : ValueOrder::descending;
        else
            options.order = ascending ? ValueOrder::least_frequent : ValueOrder::most_frequent;
        options.nulls_last = nulls == "last";
        options.distinct = distinct;
        return options;
    }
};

std::int64_t write(cli::Session const& session, auto const& rows, DatasetSortOptions const& options,
                   std::vector<std::string> names, std::vector<std::string> const& numbers) {
    std::vector<io::Hdf5Type::Kind> kinds(names.size(), io::Hdf5Type::text);
    kinds.insert(kinds.end(), numbers.size(), io::Hdf5Type::int64);
    names.insert(names.end(), numbers.begin(), numbers.end());
    return cli::write_rows(session, rows, options.output, names, kinds, dataset::MemberFields{});
}

void run_dataset_sort(cli::Session& session, DatasetSortOptions const& options) {
    if (!options.output.out.empty()) session.check_output(options.output.out);
    auto columns = cli::names_in(options.key, "--key");
    std::size_t const keys = columns.size();
    columns.push_back(options.value);
    cli::RowsTable const table(cli::make_context(session), options.table, columns);

    using Pair = std::pair<dataset::TextColumns, std::optional<std::string_view>>;
    auto const dropped = std::make_shared<std::atomic<std::int64_t>>(0);
    auto const pairs =
        table.rows()
            .filter([dropped, drops = options.nulls == "drop"](dataset::TableRow const& row) {
                bool const has_null =
                    drops && std::any_of(row.fields().begin(), row.fields().end(),
                                         [](std::string_view text) { return text.empty(); });
                if (has_null) ++*dropped;
                return !has_null;
            })
            .map([keys](dataset::TableRow const& row) {
                std::string_view const value = row.fields()[keys];
                return Pair({row.fields().first(keys)},
                            value.empty() ? std::nullopt : std::optional(value));
            });
    std::int64_t const rows = options.by == "alphabet"
                                  ? write(session, pairs.sort_within_keys(options.sort()), options,
                                          table.names(), {"index"})
                                  : write(session, pairs.rank_within_keys(options.sort()), options,
                                          table.names(), {"count", "index", "rank"});
    std::int64_t const nulls = session.world().all_reduce(dropped->load(), Reduce::sum);
    if (nulls > 0) session.field("dropped", "{} rows with a null", format_count(nulls));
    session.finish(rows, "rows", options.output.out);
}

}  // namespace

void add_sort(cli::CommandLine& line) {
    auto const options = std::make_shared<DatasetSortOptions>();
    cli::Command& command =
        line.add("sort", "Sort the values of each key, by alphabet or by frequency");
    cli::OptionSet& app = command.app;
    cli::add_rows_arguments(command, options->table);
    app.add_option("--key", options->key, "Columns of the key, separated by commas").required();
    app.add_option("--value", options->value, "Column of the values").required();
    cli::add_choice(app, "--by", options->by, {"alphabet", "frequency"},
                    "Order of a key's values: by their bytes, or by how often they occur in it");
    cli::add_choice(app, "--order", options->order, {"auto", "asc", "desc"},
                    "auto: alphabet ascending, frequency descending; ties are always by value");
    cli::add_choice(app, "--nulls", options->nulls, {"drop", "first", "last"},
                    "Where empty fields go; drop leaves out rows that have one");
    app.add_flag("--distinct", options->distinct, "One row for each distinct value of a key");
    cli::add_output_arguments(command, options->output);
    command.check = [options] { cli::names_in(options->key, "--key"); };
    command.examples = {
        "partita sort visits.csv --key city --value page --out pages.csv",
        "partita sort visits.csv --key city --value page --by frequency --distinct --out top.csv",
        "mpirun -n 4 partita sort big.h5 --key country,city --value name --nulls last --out s.h5"};
    command.run = [options](cli::Session& session) { run_dataset_sort(session, *options); };
}

}  // namespace partita
