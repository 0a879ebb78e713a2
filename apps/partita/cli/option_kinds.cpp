#include "cli/option_kinds.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::cli {
namespace {

std::string set_of(std::vector<std::string> const& choices) {
    return "{" + CLI::detail::join(choices, ",") + "}";
}

/// A check that complains as the parser does.
Check parse_check(std::int64_t (*parse)(std::string_view)) {
    return [parse](std::string const& text) -> std::string {
        try {
            parse(text);
            return "";
        } catch (Error const& error) {
            return error.what();
        }
    };
}

Check number_check(std::function<bool(double)> good, std::string expected) {
    return [=](std::string const& text) -> std::string {
        double number = 0;
        if (!CLI::detail::lexical_cast(text, number)) return "";  // the conversion complains
        return good(number) ? "" : fmt::format("expected {}, got {}", expected, text);
    };
}

}  // namespace

AddedOption add_open_choice(OptionSet& app, std::string const& name, std::string& value,
                            std::vector<std::string> const& choices,
                            std::string const& description) {
    return app.add_option(name, value, description).type_name(set_of(choices));
}

AddedOption add_choice(OptionSet& app, std::string const& name, std::string& value,
                       std::vector<std::string> const& choices, std::string const& description) {
    return add_open_choice(app, name, value, choices, description)
        .check([choices](std::string const& text) -> std::string {
            if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
            return fmt::format("expected {}, got '{}'{}", one_of(choices), text,
                               did_you_mean(text, choices));
        });
}

AddedOption add_size(OptionSet& app, std::string const& name, std::optional<std::int64_t>& bytes,
                     std::string const& description) {
    auto const take = [&bytes](std::string const& text) { bytes = parse_bytes(text); };
    return app.add_taker(name, take, description).check(parse_check(parse_bytes)).type_name("SIZE");
}

AddedOption add_duration(OptionSet& app, std::string const& name, std::int64_t& seconds,
                         std::string const& description) {
    auto const take = [&seconds](std::string const& text) { seconds = parse_seconds(text); };
    return app.add_taker(name, take, description)
        .check(parse_check(parse_seconds))
        .type_name("TIME");
}

Check at_least(double least) {
    return number_check([=](double x) { return x >= least; }, fmt::format("at least {}", least));
}

Check between(double least, double most) {
    return number_check([=](double x) { return x >= least && x <= most; },
                        fmt::format("{} to {}", least, most));
}

}  // namespace partita::cli
