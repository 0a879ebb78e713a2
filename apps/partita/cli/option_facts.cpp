#include "cli/option_facts.hpp"

#include "cli/options.hpp"

#include "partita/core/suggest.hpp"

#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::cli {
namespace {

/// Decimal digits without leading zeros, in the type's range.
template <class Integer>
bool is_whole_number(std::string const& text) {
    Integer value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && fmt::format("{}", value) == text;
}

}  // namespace

void require_whole_numbers(CLI::App& app) {
    for (CLI::Option* option : app.get_options({})) {
        std::string const type = option->get_type_name();
        if (type != "INT" && type != "UINT") continue;
        AddedOption(*option).check([type](std::string const& text) -> std::string {
            bool const good = type == "INT" ? is_whole_number<std::int64_t>(text)
                                            : is_whole_number<std::uint64_t>(text);
            return good ? "" : fmt::format("expected a whole number, got '{}'", text);
        });
    }
}

std::vector<std::string> choices_of(CLI::Option const& option) {
    std::string const type = option.get_type_name();
    if (type.size() < 2 || type.front() != '{' || type.back() != '}') return {};
    return CLI::detail::split(type.substr(1, type.size() - 2), ',');
}

std::string name_of(CLI::Option const& option) { return option.get_name(); }

std::vector<std::string> option_names(CLI::App const& app) {
    std::vector<std::string> names;
    for (CLI::Option const* option : app.get_options()) {
        for (auto const& name : option->get_snames()) names.push_back("-" + name);
        for (auto const& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::string expectation(CLI::Option const& option) {
    std::string const type = option.get_type_name();
    if (type == "INT" || type == "UINT") return "a whole number";
    if (type == "FLOAT") return "a number";
    if (type == "SIZE") return "a size such as 4GiB";
    if (type == "TIME") return "a duration such as 10m";
    if (type == "FILE") return "a file";
    if (type == "DIR") return "a folder";
    if (auto const choices = choices_of(option); !choices.empty()) return one_of(choices);
    return option.get_expected_min() == 0 ? "true or false" : "a value";
}

}  // namespace partita::cli
