#include "cli/help.hpp"
#include "cli/option_facts.hpp"
#include "completion/scripts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::completion {
namespace {

std::string generator(Value const& value) {
    if (!value.choices.empty()) return fmt::format("compgen -W '{}'", spaced(value.choices));
    return value.is_folder ? "compgen -d" : value.is_file ? "compgen -f" : "compgen -W ''";
}

/// Cases that print what may follow an option, or stand as the command's argument.
std::string value_cases(cli::Command const& command) {
    std::string cases;
    for (CLI::Option const* option : command.app.parser().get_options()) {
        Value const value(*option);
        if (!value.expected) continue;
        std::vector<std::string> names;
        if (option->get_positional()) names.push_back("");
        for (auto const& name : option->get_snames()) names.push_back("-" + name);
        for (auto const& name : option->get_lnames()) names.push_back("--" + name);
        for (auto const& name : names)
            cases += fmt::format("        '{}:{}') {} -- \"$2\" ;;\n", command.path, name,
                                 generator(value));
    }
    return cases;
}

std::string word_case(std::string const& path, std::string const& words) {
    return fmt::format("        '{}') echo '{}' ;;\n", path, words);
}

/// Cases that print the words that may come next.
std::string word_cases(cli::CommandLine const& line) {
    std::string cases = word_case("", spaced(cli::words_after(line, "")) + " --help --version");
    for (auto const& [group, purpose] : line.groups())
        cases += word_case(group, spaced(cli::words_after(line, group)) + " --help");
    for (auto const& command : line.commands())
        cases += word_case(command->path, spaced(cli::option_names(command->app.parser())));
    return cases;
}

std::string paths_pattern(cli::CommandLine const& line) {
    std::vector<std::string> paths;
    for (auto const& [group, purpose] : line.groups()) paths.push_back(shell_quoted(group));
    for (auto const& command : line.commands()) paths.push_back(shell_quoted(command->path));
    return CLI::detail::join(paths, " | ");
}

constexpr char bash_template[] =
    R"sh(# Completion of partita for bash: source <(partita completion bash)
_partita_words() {{
    case "$1" in
{words}    esac
}}

# Values for "<subcommand>:<option>", or for arguments after "<subcommand>:".
_partita_values() {{
    local IFS=' '
    case "$1" in
{values}        *) return 1 ;;
    esac
    return 0
}}

_partita() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD - 1]}}"
    if [[ $current == "=" ]]; then
        current=""
    elif [[ $before == "=" ]]; then
        before="${{COMP_WORDS[COMP_CWORD - 2]}}"
    fi
    local path="" longer i
    for ((i = 1; i < COMP_CWORD; i++)); do
        longer="${{path:+$path }}${{COMP_WORDS[i]}}"
        case "$longer" in
            {paths}) path="$longer" ;;
            *) break ;;
        esac
    done
    local found IFS=$'\n'
    if {{ [[ $before == -* ]] && found=$(_partita_values "$path:$before" "$current"); }} ||
       {{ [[ $current != -* ]] && found=$(_partita_values "$path:" "$current"); }}; then
        compopt -o filenames 2>/dev/null
    else
        IFS=$' \n' found=$(compgen -W "$(_partita_words "$path")" -- "$current")
    fi
    COMPREPLY=($found)
}}
complete -F _partita partita
)sh";

}  // namespace

std::string bash_script(cli::CommandLine const& line) {
    std::string values;
    for (auto const& command : line.commands()) values += value_cases(*command);
    return fmt::format(bash_template, fmt::arg("words", word_cases(line)),
                       fmt::arg("values", values), fmt::arg("paths", paths_pattern(line)));
}

}  // namespace partita::completion
