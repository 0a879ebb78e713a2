#include "cli/explain.hpp"

#include "cli/option_facts.hpp"

#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::cli {
namespace {

using Row = std::array<std::string, 3>;

Setting const* setting_of(CLI::Option const& option, std::vector<Setting> const& settings) {
    auto const found = std::find_if(settings.begin(), settings.end(), [&](Setting const& setting) {
        return option.check_lname(setting.option);
    });
    return found == settings.end() ? nullptr : &*found;
}

std::string default_of(CLI::Option const& option) {
    std::string const text = option.get_default_str();
    if (option.get_expected_min() == 0 && text.empty()) return "false";
    return text.empty() || text == "\"\"" ? "-" : text;
}

Row row_of(CLI::Option const& option, std::vector<Setting> const& settings) {
    if (!option.empty()) {
        auto const values = option.reduced_results();
        return {name_of(option), CLI::detail::join(values, " "), "command line"};
    }
    if (auto const* setting = setting_of(option, settings))
        return {name_of(option), setting->value, setting->origin};
    return {name_of(option), default_of(option), "default"};
}

}  // namespace

std::string explanation(Command const& command, std::vector<Setting> const& settings) {
    std::vector<Row> rows{{"option", "value", "origin"}};
    for (bool const common : {false, true})
        for (CLI::Option const* option : command.app.parser().get_options())
            if (option->get_configurable() && (option->get_group() == common_group) == common)
                rows.push_back(row_of(*option, settings));
    std::array<std::size_t, 2> widths{};
    for (auto const& row : rows)
        for (std::size_t column : {0, 1})
            widths[column] = std::max(widths[column], row[column].size());
    std::string text;
    for (auto const& row : rows)
        text += fmt::format("{:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2]);
    return text;
}

void require_nothing(CLI::App& app) {
    for (CLI::Option* option : app.get_options({})) option->required(false);
}

}  // namespace partita::cli
