#pragma once

#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace partita::completion {

// Scripts that complete subcommands, options, their values and files with TAB, made from the
// commands as they are, so that they know all that --help knows.

std::string bash_script(cli::CommandLine const& line);
std::string zsh_script(cli::CommandLine const& line);
std::string fish_script(cli::CommandLine const& line);

/// What follows an option, or stands for an argument.
struct Value {
    explicit Value(CLI::Option const& option);

    bool expected;                     ///< False for flags.
    std::vector<std::string> choices;  ///< The words to offer; none = see below.
    bool is_file, is_folder;
    std::string placeholder;  ///< "FILE", "N".
};

/// "a b c".
std::string spaced(std::vector<std::string> const& words);

/// `text` inside single quotes, for bash and zsh.
std::string shell_quoted(std::string const& text);

}  // namespace partita::completion
