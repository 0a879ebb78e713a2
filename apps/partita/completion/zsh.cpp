#include "cli/help.hpp"
#include "cli/option_facts.hpp"
#include "completion/scripts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::completion {
namespace {

std::string action(Value const& value) {
    if (!value.choices.empty()) return "(" + spaced(value.choices) + ")";
    return value.is_folder ? "_files -/" : value.is_file ? "_files" : " ";
}

/// In a specification of _arguments, brackets end the description and colons its parts.
std::string escaped(std::string text) {
    for (std::string const special : {"\\", "[", "]", ":"})
        text = CLI::detail::find_and_replace(text, special, "\\" + special);
    return text;
}

std::vector<std::string> specifications(CLI::Option const& option) {
    Value const value(option);
    if (option.get_positional())
        return {fmt::format(":{}:{}", cli::name_of(option), action(value))};
    std::string const rest =
        fmt::format("[{}]", escaped(option.get_description())) +
        (value.expected ? fmt::format(":{}:{}", escaped(value.placeholder), action(value)) : "");
    std::vector<std::string> list;
    for (auto const& name : option.get_snames()) list.push_back("-" + name + rest);
    for (auto const& name : option.get_lnames())
        list.push_back("--" + name + (value.expected ? "=" : "") + rest);
    return list;
}

std::string command_case(cli::Command const& command) {
    std::string text = fmt::format("        {}) _arguments", shell_quoted(command.path));
    for (CLI::Option const* option : command.app.parser().get_options())
        for (auto const& specification : specifications(*option))
            text += " \\\n            " + shell_quoted(specification);
    return text + " ;;\n";
}

/// 'knn:Find nearest neighbours' 'info:...'
std::string described_words(cli::CommandLine const& line, std::string const& group) {
    std::string list;
    for (auto const& word : cli::words_after(line, group)) {
        std::string const path = group.empty() ? word : group + " " + word;
        list += " " + shell_quoted(word + ":" + escaped(cli::purpose_of(line, path)));
    }
    return list;
}

constexpr char zsh_template[] = R"sh(#compdef partita
# Completion of partita for zsh: partita completion zsh > "${{fpath[1]}}/_partita"
_partita() {{
    local subcommand=""
    local -a next=({words})
    local -i depth=1
    if (( CURRENT > 2 )); then
        subcommand=$words[2]
        depth=2
    fi
    case $subcommand in
{groups}    esac
    if (( depth == 3 )); then
        if (( CURRENT > 3 )); then
            subcommand+=" $words[3]"
        else
            depth=2
        fi
    fi
    words=("${{(@)words[depth,-1]}}")
    (( CURRENT -= depth - 1 ))
    case $subcommand in
{commands}        *) _describe subcommand next ;;
    esac
}}
if [[ $funcstack[1] == _partita ]]; then
    _partita "$@"
else
    compdef _partita partita
fi
)sh";

}  // namespace

std::string zsh_script(cli::CommandLine const& line) {
    std::string groups, commands;
    for (auto const& [group, purpose] : line.groups())
        groups += fmt::format("        {})\n            next=({})\n            depth=3 ;;\n", group,
                              described_words(line, group));
    for (auto const& command : line.commands()) commands += command_case(*command);
    return fmt::format(zsh_template, fmt::arg("words", described_words(line, "")),
                       fmt::arg("groups", groups), fmt::arg("commands", commands));
}

}  // namespace partita::completion
