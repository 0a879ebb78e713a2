#include "cli/option_kinds.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <charconv>

#include <fmt/format.h>

namespace partita::cli {
namespace {

std::string set_of(std::vector<std::string> const& choices) {
    return "{" + CLI::detail::join(choices, ",") + "}";
}

/// A check whose message CLI11 prefixes with the option's name.
CLI::Validator check_of(std::function<std::string(std::string const&)> problem) {
    return {[problem = std::move(problem)](std::string& text) { return problem(text); }, ""};
}

/// A check that complains as the parser does.
CLI::Validator parse_check(std::int64_t (*parse)(std::string_view)) {
    return check_of([parse](std::string const& text) -> std::string {
        try {
            parse(text);
            return "";
        } catch (Error const& error) {
            return error.what();
        }
    });
}

CLI::Validator number_check(std::function<bool(double)> good, std::string expected) {
    return check_of([=](std::string const& text) -> std::string {
        double number = 0;
        if (!CLI::detail::lexical_cast(text, number)) return "";  // the conversion complains
        return good(number) ? "" : fmt::format("expected {}, got {}", expected, text);
    });
}

/// Decimal digits without leading zeros, in the type's range.
template <class Integer>
bool is_whole_number(std::string const& text) {
    Integer value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && fmt::format("{}", value) == text;
}

}  // namespace

CLI::Option* add_open_choice(CLI::App& app, std::string const& name, std::string& value,
                             std::vector<std::string> const& choices,
                             std::string const& description) {
    return app.add_option(name, value, description)->type_name(set_of(choices));
}

CLI::Option* add_choice(CLI::App& app, std::string const& name, std::string& value,
                        std::vector<std::string> const& choices, std::string const& description) {
    return add_open_choice(app, name, value, choices, description)
        ->check(check_of([choices](std::string const& text) -> std::string {
            if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
            return fmt::format("expected {}, got '{}'{}", one_of(choices), text,
                               did_you_mean(text, choices));
        }));
}

CLI::Option* add_size(CLI::App& app, std::string const& name, std::optional<std::int64_t>& bytes,
                      std::string const& description) {
    auto const take = [&bytes](std::string const& text) { bytes = parse_bytes(text); };
    return app.add_option_function<std::string>(name, take, description)
        ->check(parse_check(parse_bytes))
        ->type_name("SIZE");
}

CLI::Option* add_duration(CLI::App& app, std::string const& name, std::int64_t& seconds,
                          std::string const& description) {
    auto const take = [&seconds](std::string const& text) { seconds = parse_seconds(text); };
    return app.add_option_function<std::string>(name, take, description)
        ->check(parse_check(parse_seconds))
        ->type_name("TIME");
}

CLI::Validator at_least(double least) {
    return number_check([=](double x) { return x >= least; }, fmt::format("at least {}", least));
}

CLI::Validator between(double least, double most) {
    return number_check([=](double x) { return x >= least && x <= most; },
                        fmt::format("{} to {}", least, most));
}

void require_whole_numbers(CLI::App& app) {
    for (CLI::Option* option : app.get_options({})) {
        std::string const type = option->get_type_name();
        if (type != "INT" && type != "UINT") continue;
        option->check(check_of([type](std::string const& text) -> std::string {
            bool const good = type == "INT" ? is_whole_number<std::int64_t>(text)
                                            : is_whole_number<std::uint64_t>(text);
            return good ? "" : fmt::format("expected a whole number, got '{}'", text);
        }));
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
