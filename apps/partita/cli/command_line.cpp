#include "cli/command_line.hpp"

#include "cli/explain.hpp"
#include "cli/help.hpp"
#include "cli/option_facts.hpp"
#include "cli/settings.hpp"
#include "cli/shared_progress.hpp"
#include "cli/usage_error.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace partita::cli {
namespace {

void print_by_root(Communicator const& world, std::string const& text) {
    if (world.is_root()) std::fwrite(text.data(), 1, text.size(), stdout);
}

/// All ranks read the same arguments, so all come to the same complaint.
[[noreturn]] void usage_error(std::string const& path, std::string const& sentence) {
    std::string const name = path.empty() ? "partita" : "partita " + path;
    throw CollectiveError(
        fmt::format("{}{}{}; see '{} --help'", path, path.empty() ? "" : ": ", sentence, name));
}

[[noreturn]] void unknown_word(std::string const& group, std::string const& word,
                               std::vector<std::string> known) {
    known.insert(known.end(), {"--help", "--version"});
    std::string const kind = word.rfind('-', 0) == 0 ? "option" : "subcommand";
    usage_error(group, fmt::format("unknown {} '{}'{}", kind, word, did_you_mean(word, known)));
}

/// Put "--" before the command that the arguments hold, unless it is there.
void set_off_command(CLI::App const& app, std::vector<std::string>& arguments) {
    std::size_t at = 0;
    while (at < arguments.size() && arguments[at].rfind('-', 0) == 0) {
        std::string const& word = arguments[at];
        if (word == "--") return;
        CLI::Option const* const option = app.get_option_no_throw(word);
        bool const takes_value = option && option->get_expected_max() > 0;
        at += takes_value ? 2 : 1;
    }
    if (at < arguments.size())
        arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), "--");
}

/// The arguments that are this command's own.
std::vector<std::string> own_part(std::vector<std::string> const& arguments) {
    return {arguments.begin(), std::find(arguments.begin(), arguments.end(), "--")};
}

/// What options must agree on.
void check_options(Command const& command) {
    try {
        command.check();
    } catch (Error const& error) {
        usage_error(command.path, error.what());
    }
}

bool asks_for_help(std::string const& word) {
    return word == "--help" || word == "-h" || word == "help";
}

}  // namespace

Command::Command(std::string its_path, std::string const& purpose)
    : path(std::move(its_path)), app(purpose, "partita " + path) {
    add_common_options(app, common);
}

Command& CommandLine::add(std::string const& path, std::string const& purpose) {
    return *commands_.emplace_back(std::make_unique<Command>(path, purpose));
}

void CommandLine::describe_group(std::string const& group, std::string const& purpose) {
    groups_[group] = purpose;
}

Command const* CommandLine::find(std::string const& path) const {
    auto const found = std::find_if(commands_.begin(), commands_.end(),
                                    [&](auto const& command) { return command->path == path; });
    return found == commands_.end() ? nullptr : found->get();
}

std::optional<std::string> CommandLine::asked_text(int argc, char const* const* argv) const {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    std::string const first = arguments.empty() ? "help" : arguments[0];
    if (first == "--version") return "partita " PARTITA_VERSION "\n";
    if (asks_for_help(first)) return overview(*this);
    bool const group = groups_.count(first) > 0;
    if (group && (arguments.size() == 1 || asks_for_help(arguments[1])))
        return overview_of_group(*this, first);
    Command const* const command = find(group ? first + " " + arguments[1] : first);
    if (!command) return std::nullopt;
    if (command->takes_command) set_off_command(command->app.parser(), arguments);
    std::vector<std::string> const own = own_part(arguments);
    bool const help = std::any_of(own.begin(), own.end(), [](std::string const& word) {
        return word == "--help" || word == "-h";
    });
    return help ? std::optional(help_of(*command)) : std::nullopt;
}

int CommandLine::run(Communicator const& world, int argc, char const* const* argv) {
    if (auto const text = asked_text(argc, argv)) {
        print_by_root(world, *text);
        return 0;
    }
    std::vector<std::string> arguments(argv + 1, argv + argc);
    Command& command = select(arguments);
    if (command.takes_command) set_off_command(command.app.parser(), arguments);
    return run_command(world, command, arguments);
}

/// Take the subcommand's words from the front of the arguments.
Command& CommandLine::select(std::vector<std::string>& arguments) const {
    std::string const group = groups_.count(arguments[0]) ? arguments[0] : "";
    std::size_t const words = group.empty() ? 1 : 2;
    std::string const path = group.empty() ? arguments[0] : group + " " + arguments[1];
    Command const* const command = find(path);
    if (!command) unknown_word(group, arguments[words - 1], words_after(*this, group));
    arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(words));
    return const_cast<Command&>(*command);
}

/// Options get their values, from the arguments or the settings.
/// @throws CLI::CallForHelp, and CollectiveError for other complaints.
std::vector<Setting> CommandLine::parse(Communicator const& world, Command& command,
                                        std::vector<std::string> const& arguments) const {
    CLI::App& parser = command.app.parser();
    std::vector<std::string> const own = own_part(arguments);
    auto settings = gather_settings(world, *this, command, own);
    require_whole_numbers(parser);
    apply_settings(parser, settings, own);
    if (std::find(own.begin(), own.end(), "--explain-config") != own.end()) require_nothing(parser);
    try {
        parser.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (CLI::CallForHelp const&) {
        throw;
    } catch (CLI::ParseError const& error) {
        usage_error(command.path, usage_sentence(parser, error));
    }
    return settings;
}

void CommandLine::check_usage(Communicator const& world, std::vector<std::string> words) const {
    std::vector<char const*> argv = {"partita"};
    for (std::string const& word : words) argv.push_back(word.c_str());
    bool const asks = asked_text(static_cast<int>(argv.size()), argv.data()).has_value();
    check_everywhere(!asks, "expected a job to run, got '{}', which only prints its help",
                     fmt::join(words, " "));
    Command& command = select(words);
    if (command.takes_command) set_off_command(command.app.parser(), words);
    parse(world, command, words);
    check_options(command);
}

int CommandLine::run_command(Communicator const& world, Command& command,
                             std::vector<std::string> const& arguments) {
    std::vector<Setting> settings;
    try {
        settings = parse(world, command, arguments);
    } catch (CLI::CallForHelp const&) {
        print_by_root(world, help_of(command));
        return 0;
    }
    if (command.common.explain_config) {
        print_by_root(world, explanation(command, settings));
        return 0;
    }
    check_options(command);
    Session session(world, command.common);
    SharedProgress const progress(session.topology());
    command.run(session);
    return session.status();
}

}  // namespace partita::cli
