#include "cli/help.hpp"
#include "cli/settings.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace partita::cli {
namespace {

std::string place(std::string const& path, toml::source_region const& region) {
    return fmt::format("{}:{}", path, region.begin.line);
}

toml::table parse(std::string const& text, std::string const& path) {
    try {
        return toml::parse(text, path);
    } catch (toml::parse_error const& error) {
        std::string sentence(error.description());
        while (!sentence.empty() && sentence.back() == '.') sentence.pop_back();
        fail("{}: not TOML: {}", place(path, error.source()), sentence);
    }
}

std::string text_of(toml::node const& node, std::string const& where, std::string const& key) {
    if (auto const* text = node.as_string()) return text->get();
    if (auto const* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (auto const* real = node.as_floating_point()) return fmt::format("{}", real->get());
    if (auto const* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    fail("{}: {}: expected a text, a number, true or false", where, key);
}

/// Reads one file, table by table.
struct SettingsFile {
    std::string const& path;
    CommandLine const& line;
    Command const& command;
    toml::table const* root;
    std::vector<Setting> settings;

    [[noreturn]] void unknown(toml::key const& key, std::string const& kind,
                              std::vector<std::string> const& known) const {
        std::string const name(key.str());
        fail("{}: unknown {} '{}'{}", place(path, key.source()), kind, name,
             did_you_mean(name, known));
    }

    /// Options of one command, or common ones at the root; kept when they concern ours.
    void read_options(toml::table const& table, std::vector<std::string> const& known, bool ours) {
        for (auto const& [key, node] : table) {
            if (&table == root && node.is_table()) continue;
            std::string const name(key.str());
            if (std::find(known.begin(), known.end(), name) == known.end())
                unknown(key, "option", known);
            std::string const where = place(path, node.source());
            std::string const value = text_of(node, where, name);
            if (ours) keep({name, value, where});
        }
    }

    /// A command's own table goes before the common options, in whatever order they stand.
    void keep(Setting const& setting) {
        std::erase_if(settings, [&](Setting const& s) { return s.option == setting.option; });
        settings.push_back(setting);
    }

    void read_table(toml::key const& key, toml::table const& table, std::string const& group) {
        std::string const word(key.str());
        std::string const path_here = group.empty() ? word : group + " " + word;
        if (Command const* const found = line.find(path_here))
            return read_options(table, settable_names(found->app.parser()), found == &command);
        if (!group.empty() || !line.groups().count(word))
            unknown(key, "table", words_after(line, group));
        for (auto const& [inner_key, node] : table) {
            if (!node.is_table()) unknown(inner_key, "table", words_after(line, word));
            read_table(inner_key, *node.as_table(), word);
        }
    }
};

/// The options that all commands share.
std::vector<std::string> common_names() {
    Command const any("any", "");
    return settable_names(any.app.parser());
}

}  // namespace

std::vector<Setting> settings_in_toml(std::string const& text, std::string const& path,
                                      CommandLine const& line, Command const& command) {
    toml::table const root = parse(text, path);
    SettingsFile file{path, line, command, &root, {}};
    file.read_options(root, common_names(), true);
    for (auto const& [key, node] : root)
        if (node.is_table()) file.read_table(key, *node.as_table(), "");
    return file.settings;
}

}  // namespace partita::cli
