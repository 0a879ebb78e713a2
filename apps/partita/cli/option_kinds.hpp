#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace partita::cli {

// Kinds of options beyond CLI11's own. An option's type name says what it takes, to people in
// --help and to shells in completion: "FILE", "DIR", "{l2,cosine,ip}". Set it with
// ->type_name("FILE") on an option of text.

/// One of a few words. A wrong one is answered with a suggestion.
CLI::Option* add_choice(CLI::App& app, std::string const& name, std::string& value,
                        std::vector<std::string> const& choices, std::string const& description);

/// The same, but other words pass too: --type auto, flat ... or any FAISS factory string.
CLI::Option* add_open_choice(CLI::App& app, std::string const& name, std::string& value,
                             std::vector<std::string> const& choices,
                             std::string const& description);

/// A size in bytes: "4GiB", "500 MB", "65536".
CLI::Option* add_size(CLI::App& app, std::string const& name, std::optional<std::int64_t>& bytes,
                      std::string const& description);

/// A duration in seconds: "90s", "10m", "1h30m".
CLI::Option* add_duration(CLI::App& app, std::string const& name, std::int64_t& seconds,
                          std::string const& description);

/// A check for numbers: option->check(at_least(1)).
CLI::Validator at_least(double least);
/// Numbers in [least, most].
CLI::Validator between(double least, double most);

/// Let all options of whole numbers take nothing else: CLI11 alone reads 010 as 8, and what is too
/// large as the largest number.
void require_whole_numbers(CLI::App& app);

/// The words that an option with type name "{a,b,c}" takes; none for other options.
std::vector<std::string> choices_of(CLI::Option const& option);

/// "--metric", "-k", "VECTORS": the long name if there is one.
std::string name_of(CLI::Option const& option);

/// All names of options: "-k", "--neighbors", "--metric" ... without positional arguments.
std::vector<std::string> option_names(CLI::App const& app);

/// What an option expects, in words: "a whole number", "a size such as 4GiB".
std::string expectation(CLI::Option const& option);

}  // namespace partita::cli
