#include "cli/usage_error.hpp"

#include "cli/option_facts.hpp"

#include "partita/core/suggest.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace partita::cli {
namespace {

std::string unknown_option(CLI::App const& app, std::string const& text) {
    std::string const name = text.substr(0, text.find('='));
    return fmt::format("unknown option '{}'{}", name, did_you_mean(name, option_names(app)));
}

/// The option that `error` is about: CLI11 tells it only inside the text.
CLI::Option const* option_in(CLI::App const& app, CLI::Error const& error) {
    for (CLI::Option const* option : app.get_options()) {
        CLI::ConversionError const conversion(option->get_name(), option->results());
        if (!option->empty() && std::string(conversion.what()) == error.what()) return option;
        std::string const start = option->get_name() + ": ";
        if (std::string(error.what()).rfind(start, 0) == 0) return option;
    }
    return nullptr;
}

std::string missing_argument(CLI::App const& app) {
    for (CLI::Option const* option : app.get_options())
        if (option->get_required() && option->empty())
            return fmt::format("missing {}", name_of(*option));
    return "missing argument";
}

}  // namespace

std::string value_problem(CLI::Option const& option, std::string const& value,
                          CLI::Error const& error) {
    if (dynamic_cast<CLI::ValidationError const*>(&error)) {
        std::string const text = error.what(), prefix = option.get_name() + ": ";
        return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
    }
    return fmt::format("expected {}, got '{}'", expectation(option), value);
}

std::string usage_sentence(CLI::App const& app, CLI::ParseError const& error) {
    // A misspelt option often makes something else go missing, so it is looked for first.
    auto extras = app.remaining();
    extras.erase(std::find(extras.begin(), extras.end(), "--"), extras.end());
    for (auto const& extra : extras)
        if (extra.size() > 1 && extra[0] == '-') return unknown_option(app, extra);
    if (dynamic_cast<CLI::ExtrasError const*>(&error) && !extras.empty())
        return fmt::format("unexpected argument '{}'", extras.front());
    if (dynamic_cast<CLI::RequiredError const*>(&error)) return missing_argument(app);
    CLI::Option const* const option = option_in(app, error);
    if (!option) return error.what();
    if (dynamic_cast<CLI::ArgumentMismatch const*>(&error))
        return fmt::format("{}: expected {}, got nothing", name_of(*option), expectation(*option));
    std::string const value = option->empty() ? "" : option->results().back();
    return fmt::format("{}: {}", name_of(*option), value_problem(*option, value, error));
}

}  // namespace partita::cli
