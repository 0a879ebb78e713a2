#include "cli/help.hpp"

#include "cli/option_facts.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::cli {
namespace {

constexpr std::size_t text_column = 30, page_width = 100;

/// "  left        right", with the right side wrapped and on a line of its own after a long left.
std::string row(std::string const& left, std::string const& right) {
    std::string text = "  " + left;
    if (text.size() + 2 > text_column)
        text += "\n" + std::string(text_column, ' ');
    else
        text.resize(text_column, ' ');
    std::size_t column = text_column;
    for (auto const& word : CLI::detail::split(right, ' ')) {
        if (column + word.size() > page_width) {
            text += "\n" + std::string(text_column, ' ');
            column = text_column;
        }
        text += (column > text_column ? " " : "") + word;
        column += word.size() + 1;
    }
    return text + "\n";
}

std::string describe(CLI::Option const& option) {
    std::string text = option.get_description();
    std::string const standard = option.get_default_str();
    bool const says_nothing = standard.empty() || standard == "\"\"" || placeholder(option).empty();
    if (!option.get_required() && !says_nothing) text += fmt::format(" (default: {})", standard);
    if (option.get_required() && !option.get_positional()) text += " (required)";
    return text;
}

std::string names(CLI::Option const& option) {
    if (option.get_positional()) return name_of(option);
    std::string text;
    for (auto const& name : option.get_snames()) text += "-" + name + ", ";
    for (auto const& name : option.get_lnames()) text += "--" + name + ", ";
    text.resize(text.size() - 2);
    std::string const value = placeholder(option);
    return value.empty() ? text : text + " " + value;
}

std::string rows(CLI::App const& app, std::string const& title,
                 std::function<bool(CLI::Option const&)> const& wanted) {
    std::string text;
    for (CLI::Option const* option : app.get_options())
        if (wanted(*option)) text += row(names(*option), describe(*option));
    return text.empty() ? "" : "\n" + title + ":\n" + text;
}

std::string usage(Command const& command) {
    std::string text = "Usage: partita " + command.path;
    for (CLI::Option const* option : command.app.parser().get_options()) {
        if (option->get_positional())
            text += option->get_required() ? " " + name_of(*option) : " [" + name_of(*option) + "]";
        else if (option->get_required())
            text += " " + names(*option).substr(names(*option).find("--"));
    }
    return text + " [OPTIONS]\n";
}

/// The groups of options as they were first used, the common ones last.
std::vector<std::string> groups_of(CLI::App const& app) {
    std::vector<std::string> groups = app.get_groups();
    auto const common = std::find(groups.begin(), groups.end(), common_group);
    if (common != groups.end()) std::rotate(common, common + 1, groups.end());
    return groups;
}

}  // namespace

std::string placeholder(CLI::Option const& option) {
    std::string const type = option.get_type_name();
    if (type == "INT" || type == "UINT") return "N";
    return type == "FLOAT" ? "X" : type;
}

std::vector<std::string> words_after(CommandLine const& line, std::string const& group) {
    std::vector<std::string> words;
    for (auto const& command : line.commands()) {
        auto const parts = CLI::detail::split(command->path, ' ');
        bool const inside = parts.size() == 2 && parts[0] == group;
        std::string const word = group.empty() ? parts[0] : inside ? parts[1] : "";
        if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
            words.push_back(word);
    }
    return words;
}

std::string purpose_of(CommandLine const& line, std::string const& path) {
    Command const* const command = line.find(path);
    return command ? command->app.parser().get_description() : line.groups().at(path);
}

std::string overview(CommandLine const& line) {
    std::string text =
        "Data-parallel computing and distributed machine learning on MPI\n\n"
        "Usage: [mpirun -n RANKS] partita SUBCOMMAND [OPTIONS]\n\nSubcommands:\n";
    for (auto const& word : words_after(line, "")) text += row(word, purpose_of(line, word));
    return text +
           "\nExamples:\n"
           "  partita make-data vectors.npy --rows 100000 --dim 64\n"
           "  partita info vectors.npy\n"
           "\n'partita SUBCOMMAND --help' shows its options, 'partita --version' the version.\n"
           "Options can also be set by variables (PARTITA_THREADS=4) and in partita.toml.\n";
}

std::string overview_of_group(CommandLine const& line, std::string const& group) {
    std::string text = fmt::format("{}\n\nUsage: partita {} SUBCOMMAND [OPTIONS]\n\nSubcommands:\n",
                                   purpose_of(line, group), group);
    std::string examples;
    for (auto const& word : words_after(line, group)) {
        Command const& command = *line.find(group + " " + word);
        text += row(word, command.app.parser().get_description());
        if (!command.examples.empty()) examples += "  " + command.examples.front() + "\n";
    }
    return text + "\nExamples:\n" + examples;
}

std::string help_of(Command const& command) {
    std::string text = command.app.parser().get_description() + "\n\n" + usage(command);
    text +=
        rows(command.app.parser(), "Arguments", [](auto const& o) { return o.get_positional(); });
    for (auto const& group : groups_of(command.app.parser()))
        text += rows(command.app.parser(), group, [&](auto const& option) {
            return !option.get_positional() && option.get_group() == group;
        });
    text += "\nExamples:\n";
    for (auto const& example : command.examples) text += "  " + example + "\n";
    return text;
}

}  // namespace partita::cli
