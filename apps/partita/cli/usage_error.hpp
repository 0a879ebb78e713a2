#pragma once

#include <string>

namespace CLI {
class App;
class Error;
class Option;
class ParseError;
}  // namespace CLI

namespace partita::cli {

/// CLI11's complaint about a command line as one sentence, with a suggestion where one helps:
/// "unknown option '--metrik' (did you mean '--metric'?)".
std::string usage_sentence(CLI::App const& app, CLI::ParseError const& error);

/// CLI11's complaint about one option's value: "expected a whole number, got 'ten'".
std::string value_problem(CLI::Option const& option, std::string const& value,
                          CLI::Error const& error);

}  // namespace partita::cli
