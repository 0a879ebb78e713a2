#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace partita::cli {

// What reads command lines, and tells people and shells about options, knows of them.

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
