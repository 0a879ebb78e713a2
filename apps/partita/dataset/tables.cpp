#include "dataset/tables.hpp"

#include "cli/option_kinds.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/dataset/csv_rows.hpp"
#include "partita/dataset/hdf5_columns.hpp"

#include <sstream>

#include <fmt/ranges.h>

namespace partita::cli {
namespace {

bool is_hdf5(std::string const& path) { return path.ends_with(".h5") || path.ends_with(".hdf5"); }

}  // namespace

void add_block_option(Command& command, std::optional<std::int64_t>& block_bytes) {
    add_size(command.app, "--block", block_bytes, "Cut text files into parts of at most this size")
        .default_str("64MiB")
        .group("Input");
}

void add_rows_arguments(Command& command, RowsArguments& arguments) {
    command.app
        .add_option("TABLE", arguments.paths,
                    "CSV or TSV files, folders or patterns (gzip and zstd too), or an HDF5 file "
                    "of columns")
        .required()
        .type_name("FILE")
        .takes_many();
    command.app
        .add_flag("--no-header", arguments.no_header,
                  "The first line is a row; columns are named by their numbers, from 1")
        .group("Input");
    add_block_option(command, arguments.block_bytes);
}

std::vector<std::string> names_in(std::string const& list, std::string const& option) {
    std::vector<std::string> names;
    std::istringstream stream(list);
    for (std::string name; std::getline(stream, name, ',');) {
        check(!name.empty(), "{}: expected names separated by commas, got '{}'", option, list);
        names.push_back(name);
    }
    return names;
}

RowsTable::RowsTable(dataset::Context const& context, RowsArguments const& arguments,
                     std::vector<std::string> columns)
    : context_(context), has_names_(true) {
    if (is_hdf5(arguments.paths[0])) {
        collectively(context.comm(), "", [&] {
            check(arguments.paths.size() == 1, "expected one HDF5 file, got {} files",
                  arguments.paths.size());
        });
        auto const file = std::make_shared<dataset::Hdf5Columns const>(context, arguments.paths[0],
                                                                       std::move(columns));
        names_ = file->names();
        partitions_ = context.default_partitions();
        push_ = [file, parts = partitions_](std::int64_t partition, RowSink sink) {
            RowRange const rows = share_of(file->rows(), parts, partition);
            file->for_each_row(rows.first, rows.last, sink);
        };
        return;
    }
    dataset::ReadCsvOptions options;
    options.header = !arguments.no_header;
    options.columns = std::move(columns);
    options.block_bytes = arguments.block_bytes.value_or(options.block_bytes);
    auto const rows = std::make_shared<dataset::CsvRows const>(
        context, fmt::format("{}", fmt::join(arguments.paths, ",")), options);
    has_names_ = options.header;
    names_ = rows->names();
    partitions_ = rows->partitions();
    push_ = [rows](std::int64_t partition, RowSink sink) { rows->for_each_row(partition, sink); };
}

std::vector<std::string> RowsTable::names() const {
    std::vector<std::string> names = names_;
    if (!has_names_)
        for (std::string& name : names) name = "column" + name;
    return names;
}

}  // namespace partita::cli
