#include "dataset/output.hpp"

#include "cli/option_kinds.hpp"

namespace partita::cli {

void add_output_arguments(Command& command, OutputArguments& arguments) {
    command.app.add_option("--out", arguments.out, "Result file: .csv, .tsv or .h5")
        .type_name("FILE")
        .group("Output");
    command.app
        .add_option("--top", arguments.top, "Without --out: how many of the first rows to print")
        .check(at_least(0))
        .group("Output");
}

}  // namespace partita::cli
