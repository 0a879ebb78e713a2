#include "cli/help.hpp"
#include "cli/option_facts.hpp"
#include "completion/scripts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::completion {
namespace {

/// `text` inside single quotes, for fish.
std::string fish_quoted(std::string const& text) {
    std::string const escaped = CLI::detail::find_and_replace(text, "\\", "\\\\");
    return "'" + CLI::detail::find_and_replace(escaped, "'", "\\'") + "'";
}

std::string values(Value const& value) {
    if (!value.choices.empty()) return " -x -a " + fish_quoted(spaced(value.choices));
    if (value.is_folder) return " -x -a '(__fish_complete_directories)'";
    return value.is_file ? " -r -F" : " -x";
}

/// One `complete` line for what may come after the subcommand `path`.
std::string complete(std::string const& path, std::string const& what,
                     std::string const& description) {
    return fmt::format("complete -c partita -n {}{} -d {}\n",
                       fish_quoted("_partita_at " + fish_quoted(path)), what,
                       fish_quoted(description));
}

std::string option_line(cli::Command const& command, CLI::Option const& option) {
    Value const value(option);
    std::string what;
    if (!option.get_positional()) {
        for (auto const& name : option.get_snames()) what += " -s " + name;
        for (auto const& name : option.get_lnames()) what += " -l " + name;
        if (value.expected) what += values(value);
    } else if (value.choices.empty()) {
        what = value.is_file ? " -F" : "";
    } else {
        what = " -a " + fish_quoted(spaced(value.choices));
    }
    return what.empty() ? "" : complete(command.path, what, option.get_description());
}

std::string word_lines(cli::CommandLine const& line, std::string const& group) {
    std::string text;
    for (auto const& word : cli::words_after(line, group)) {
        std::string const path = group.empty() ? word : group + " " + word;
        text += complete(group, " -a " + word, cli::purpose_of(line, path));
    }
    return text;
}

constexpr char fish_template[] =
    R"sh(# Completion of partita for fish: partita completion fish > ~/.config/fish/completions/partita.fish
function _partita_at
    set -l words (commandline -opc)
    set -l path
    for word in $words[2..-1]
        set -l longer (string join ' ' $path $word)
        contains -- $longer {} || break
        set path $longer
    end
    test "$path" = "$argv[1]"
end
complete -c partita -f
)sh";

}  // namespace

std::string fish_script(cli::CommandLine const& line) {
    std::string paths, text;
    for (auto const& [group, purpose] : line.groups()) paths += fish_quoted(group) + " ";
    for (auto const& command : line.commands()) paths += fish_quoted(command->path) + " ";
    text = fmt::format(fish_template, paths) + word_lines(line, "");
    for (auto const& [group, purpose] : line.groups()) text += word_lines(line, group);
    for (auto const& command : line.commands())
        for (CLI::Option const* option : command->app.parser().get_options())
            text += option_line(*command, *option);
    return text;
}

}  // namespace partita::completion
