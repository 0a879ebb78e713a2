#pragma once

#include "cli/command_line.hpp"

namespace partita {

// Each adds the subcommand of its name, from the file of its name; see cli::CommandLine.
void add_completion(cli::CommandLine& line);

}  // namespace partita
