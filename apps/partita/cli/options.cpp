#include "cli/options.hpp"

#include <CLI/CLI.hpp>

namespace partita::cli {

AddedOption& AddedOption::required() {
    option_->required();
    return *this;
}

AddedOption& AddedOption::type_name(std::string const& name) {
    option_->type_name(name);
    return *this;
}

AddedOption& AddedOption::group(std::string const& heading) {
    option_->group(heading);
    return *this;
}

AddedOption& AddedOption::check(Check check) {
    auto problem = [check = std::move(check)](std::string& text) { return check(text); };
    option_->check(CLI::Validator(std::move(problem), ""));
    return *this;
}

AddedOption& AddedOption::default_str(std::string const& text) {
    option_->default_str(text);
    return *this;
}

AddedOption& AddedOption::takes_many() {
    option_->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return *this;
}

AddedOption& AddedOption::not_a_setting() {
    option_->configurable(false);
    return *this;
}

OptionSet::OptionSet(std::string const& purpose, std::string const& name)
    : parser_(std::make_unique<CLI::App>(purpose, name)) {
    parser_->option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
}
OptionSet::OptionSet(OptionSet&&) noexcept = default;
OptionSet::~OptionSet() = default;

AddedOption OptionSet::add(std::string const& name, Variable variable,
                           std::string const& description) {
    return std::visit(
        [&](auto* value) { return AddedOption(*parser_->add_option(name, *value, description)); },
        variable);
}

AddedOption OptionSet::add_flag(std::string const& name, bool& value,
                                std::string const& description) {
    return AddedOption(*parser_->add_flag(name, value, description));
}

AddedOption OptionSet::add_taker(std::string const& name,
                                 std::function<void(std::string const&)> take,
                                 std::string const& description) {
    return AddedOption(*parser_->add_option_function<std::string>(name, take, description));
}

void OptionSet::remove_option(std::string const& name) {
    parser_->remove_option(parser_->get_option(name));
}

}  // namespace partita::cli
