#pragma once

#include "cli/command_line.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace partita::cli {

/// A table of all options of a parsed command: name, effective value, where it comes from.
std::string explanation(Command const& command, std::vector<Setting> const& settings);

/// Let the command be parsed without its required arguments.
void require_nothing(CLI::App& app);

}  // namespace partita::cli
