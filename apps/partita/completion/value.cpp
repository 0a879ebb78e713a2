#include "cli/help.hpp"
#include "cli/option_facts.hpp"
#include "completion/scripts.hpp"

#include <CLI/CLI.hpp>

namespace partita::completion {

Value::Value(CLI::Option const& option)
    : expected(option.get_expected_min() > 0),
      choices(cli::choices_of(option)),
      is_file(option.get_type_name() == "FILE"),
      is_folder(option.get_type_name() == "DIR"),
      placeholder(cli::placeholder(option)) {}

std::string spaced(std::vector<std::string> const& words) { return CLI::detail::join(words, " "); }

std::string shell_quoted(std::string const& text) {
    return "'" + CLI::detail::find_and_replace(text, "'", "'\\''") + "'";
}

}  // namespace partita::completion
