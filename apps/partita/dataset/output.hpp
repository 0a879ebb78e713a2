#pragma once

#include "cli/command_line.hpp"

#include "partita/dataset/dataset.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::cli {

/// Where a command's rows go.
struct OutputArguments {
    std::string out;
    std::int64_t top = 20;
};

/// --out and --top.
void add_output_arguments(Command& command, OutputArguments& arguments);

inline bool is_hdf5_output(std::string const& path) {
    return path.ends_with(".h5") || path.ends_with(".hdf5");
}

/// Write all rows to --out (HDF5 by its name, else CSV), or print the first --top ones as CSV.
/// @param fields  fields(element, visit): see save_csv.
/// @return        How many rows there are; those printed when there is no --out.
template <class Rows, class Fields>
std::int64_t write_rows(Session const& session, Rows const& rows, OutputArguments const& arguments,
                        std::vector<std::string> const& names,
                        std::vector<io::Hdf5Type::Kind> const& kinds, Fields fields) {
    dataset::SaveOptions const options{session.overwrite()};
    if (is_hdf5_output(arguments.out))
        return dataset::save_hdf5(rows, arguments.out, names, kinds, options, fields);
    if (!arguments.out.empty())
        return dataset::save_csv(rows, arguments.out, names, options, fields);
    std::string text;
    dataset::CsvLine header(text, ',');
    for (std::string const& name : names) header(std::string_view(name));
    header.finish(names.size());
    auto const first = rows.take(arguments.top);
    for (auto const& row : first) {
        dataset::CsvLine line(text, ',');
        fields(row, line);
        line.finish(names.size());
    }
    session.print("{}", text);
    return static_cast<std::int64_t>(first.size());
}

}  // namespace partita::cli
