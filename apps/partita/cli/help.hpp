#pragma once

#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace partita::cli {

/// The words that may follow `partita` (group "") or `partita <group>`, in the order of their
/// making; a group's name stands for its subcommands.
std::vector<std::string> words_after(CommandLine const& line, std::string const& group);

/// One line on a subcommand or a group of them.
std::string purpose_of(CommandLine const& line, std::string const& path);

/// What `partita` and `partita --help` say.
std::string overview(CommandLine const& line);
/// What `partita knn --help` says.
std::string overview_of_group(CommandLine const& line, std::string const& group);
/// What `partita knn graph --help` says.
std::string help_of(Command const& command);

/// What stands for an option's value in help: "N", "FILE", "{l2,cosine}"; "" for flags.
std::string placeholder(CLI::Option const& option);

}  // namespace partita::cli
