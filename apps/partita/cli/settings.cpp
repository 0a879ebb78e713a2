#include "cli/settings.hpp"

#include "cli/root_text.hpp"
#include "cli/usage_error.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace partita::cli {
namespace {

using Json = nlohmann::json;

/// Whether the arguments contain "--name" or "--name=..."; its value is put into `value`.
bool given(std::vector<std::string> const& arguments, std::string const& name,
           std::string* value = nullptr) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        bool const joined = arguments[i].rfind(name + "=", 0) == 0;
        if (arguments[i] != name && !joined) continue;
        if (value && joined) *value = arguments[i].substr(name.size() + 1);
        if (value && !joined) *value = i + 1 < arguments.size() ? arguments[i + 1] : "";
        return true;
    }
    return false;
}

/// The settings file, "" = none. One that is named must exist.
std::string find_config(std::vector<std::string> const& arguments) {
    std::string path;
    if (given(arguments, "--config", &path)) return path;
    if (char const* const named = std::getenv("PARTITA_CONFIG"); named && *named) return named;
    return file_exists("partita.toml") ? "partita.toml" : "";
}

std::vector<Setting> settings_in_environment(CLI::App const& app) {
    std::vector<Setting> settings;
    for (auto const& option : settable_names(app)) {
        std::string const variable = variable_name(option);
        char const* const value = std::getenv(variable.c_str());
        if (value && *value) settings.push_back({option, value, "environment " + variable});
    }
    return settings;
}

bool has_setting(std::vector<Setting> const& settings, std::string const& option) {
    return std::any_of(settings.begin(), settings.end(),
                       [&](Setting const& setting) { return setting.option == option; });
}

std::string gather_on_root(CommandLine const& line, Command const& command,
                           std::vector<std::string> const& arguments) {
    std::vector<Setting> settings = settings_in_environment(command.app.parser());
    if (std::string const path = find_config(arguments); !path.empty())
        for (auto const& setting : settings_in_toml(read_text_file(path), path, line, command))
            if (!has_setting(settings, setting.option)) settings.push_back(setting);
    Json list = Json::array();
    for (auto const& setting : settings)
        list.push_back({setting.option, setting.value, setting.origin});
    return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_excluded(CLI::Option const& option, std::vector<std::string> const& arguments) {
    auto const others = option.get_excludes();
    return std::any_of(others.begin(), others.end(), [&](CLI::Option const* other) {
        return given(arguments, other->get_name());
    });
}

}  // namespace

std::string variable_name(std::string const& option) {
    std::string name = "PARTITA_" + CLI::detail::to_lower(option);
    for (char& letter : name)
        letter = letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    return name;
}

std::vector<std::string> settable_names(CLI::App const& app) {
    std::vector<std::string> names;
    for (CLI::Option const* option : app.get_options())
        if (option->get_configurable() && !option->get_lnames().empty())
            names.push_back(option->get_lnames().front());
    return names;
}

std::vector<Setting> gather_settings(Communicator const& world, CommandLine const& line,
                                     Command const& command,
                                     std::vector<std::string> const& arguments) {
    std::string const text =
        root_text(world, [&] { return gather_on_root(line, command, arguments); });
    std::vector<Setting> settings;
    for (auto const& entry : Json::parse(text)) settings.push_back({entry[0], entry[1], entry[2]});
    return settings;
}

void apply_settings(CLI::App& app, std::vector<Setting>& settings,
                    std::vector<std::string> const& arguments) {
    std::erase_if(settings, [&](Setting const& setting) {
        return is_excluded(*app.get_option("--" + setting.option), arguments);
    });
    for (auto const& setting : settings) {
        CLI::Option* const option = app.get_option("--" + setting.option);
        try {
            option->run_callback_for_default()->default_val(setting.value);
            option->required(false);
        } catch (CLI::Error const& error) {
            throw CollectiveError(fmt::format("{}: {}: {}", setting.origin, setting.option,
                                              value_problem(*option, setting.value, error)));
        }
    }
}

}  // namespace partita::cli
