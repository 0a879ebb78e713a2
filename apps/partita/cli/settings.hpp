#pragma once

#include "cli/command_line.hpp"

#include <string>
#include <vector>

namespace partita::cli {

/// The value of an option that was not given on the command line.
struct Setting {
    std::string option;  ///< Long name without dashes: "train-sample".
    std::string value;
    std::string origin;  ///< "environment PARTITA_METRIC", "partita.toml:12".
};

/// What the environment and the settings file say about a command's options, at most one setting
/// for each: the environment goes before the file.
///
/// Collective: the root's environment and files count, so that all ranks of a cluster agree.
/// The file is what --config or $PARTITA_CONFIG names, else ./partita.toml if there is one. Its
/// top-level keys are common options of all commands; tables hold the options of one:
///
///     threads = 4
///     [knn.graph]
///     metric = "cosine"
///
/// @throws CollectiveError: no such file, not TOML, a key or table that means nothing.
std::vector<Setting> gather_settings(Communicator const& world, CommandLine const& line,
                                     Command const& command,
                                     std::vector<std::string> const& arguments);

/// Make the settings the defaults of their options, so that the command line goes before them; a
/// setting is dropped when the command line has an option that excludes it.
/// @throws CollectiveError naming the origin of a value that the option rejects.
void apply_settings(CLI::App& app, std::vector<Setting>& settings,
                    std::vector<std::string> const& arguments);

/// Settings of all tables and keys of `text` that concern `command`; complains about any other key
/// that no command knows. @throws Error.
std::vector<Setting> settings_in_toml(std::string const& text, std::string const& path,
                                      CommandLine const& line, Command const& command);

/// "PARTITA_TRAIN_SAMPLE" for an option --train-sample.
std::string variable_name(std::string const& option);

/// Long names of the options that settings can set.
std::vector<std::string> settable_names(CLI::App const& app);

}  // namespace partita::cli
