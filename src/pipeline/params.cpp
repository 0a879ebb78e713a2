#include "partita/pipeline/params.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace partita::pipeline {

namespace {

std::string with_dashes(std::string_view name) {
    std::string text(name);
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
}

std::pair<std::string_view, std::string_view> split_assignment(std::string_view text) {
    std::size_t const at = text.find('=');
    check(at != std::string_view::npos && at > 0 && at + 1 < text.size(),
          "parameter '{}': expected NAME=VALUE", text);
    return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

Params::Params(std::initializer_list<std::pair<std::string, std::string>> values) {
    for (auto const& [name, value] : values) set(name, value);
}

Params& Params::set(std::string_view name, std::string_view value) {
    std::string const key = with_dashes(name);
    for (auto& [known, old] : values_)
        if (known == key) return old = value, *this;
    values_.emplace_back(key, value);
    return *this;
}

Params& Params::set(std::string_view name, double value) {
    return set(name, fmt::format("{}", value));
}

Params& Params::set_assignment(std::string_view text) {
    auto const [name, value] = split_assignment(text);
    return set(name, value);
}

Params& Params::set_all(Params const& others) {
    for (auto const& [name, value] : others.values_) set(name, value);
    return *this;
}

std::string const* Params::find(std::string_view name) const {
    for (auto const& [known, value] : values_)
        if (known == name) return &value;
    return nullptr;
}

double Params::number(std::string_view name, double otherwise, double least, double most) const {
    std::string const* const text = find(name);
    if (!text) return otherwise;
    double value = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    check(error == std::errc() && end == text->data() + text->size() && std::isfinite(value),
          "parameter {}: expected a number, got '{}'", name, *text);
    check(
        value >= least && value <= most, "parameter {}: expected {}, got {}", name,
        std::isinf(most) ? fmt::format("at least {}", least) : fmt::format("{} to {}", least, most),
        *text);
    return value;
}

std::int64_t Params::integer(std::string_view name, std::int64_t otherwise,
                             std::int64_t least) const {
    double const value =
        number(name, static_cast<double>(otherwise), static_cast<double>(least), HUGE_VAL);
    check(value == std::floor(value) && value < 9e15,
          "parameter {}: expected a whole number, got {}", name, value);
    return static_cast<std::int64_t>(value);
}

bool Params::flag(std::string_view name, bool otherwise) const {
    std::string const* const value = find(name);
    if (!value) return otherwise;
    if (*value == "true" || *value == "yes" || *value == "1") return true;
    if (*value == "false" || *value == "no" || *value == "0") return false;
    fail("parameter {}: expected true or false, got '{}'", name, *value);
}

std::string Params::text(std::string_view name, std::string_view otherwise) const {
    std::string const* const value = find(name);
    return value ? *value : std::string(otherwise);
}

void Params::check_names(std::string_view learner, std::vector<std::string> const& known) const {
    for (auto const& [name, value] : values_)
        check(std::find(known.begin(), known.end(), name) != known.end(),
              "{}: no parameter '{}'{}; expected {}", learner, name, did_you_mean(name, known),
              one_of(known));
}

std::string Params::to_text() const {
    std::string text;
    for (auto const& [name, value] : values_) {
        if (!text.empty()) text += ' ';
        text += name + '=' + value;
    }
    return text;
}

ParamGrid& ParamGrid::add(std::string name, std::vector<std::string> values) {
    check(!values.empty(), "parameter {}: expected at least one value", name);
    values_.emplace_back(with_dashes(name), std::move(values));
    return *this;
}

ParamGrid& ParamGrid::add_assignment(std::string_view text) {
    auto const [name, list] = split_assignment(text);
    std::vector<std::string> values;
    for (std::size_t from = 0; from <= list.size();) {
        std::size_t const to = std::min(list.find(',', from), list.size());
        check(to > from, "parameter '{}': expected NAME=VALUE,VALUE,...", text);
        values.emplace_back(list.substr(from, to - from));
        from = to + 1;
    }
    return add(std::string(name), std::move(values));
}

std::vector<Params> ParamGrid::points() const {
    std::vector<Params> points(1);
    for (auto const& [name, values] : values_) {
        std::vector<Params> more;
        for (Params const& point : points)
            for (std::string const& value : values) more.push_back(Params(point).set(name, value));
        points = std::move(more);
    }
    return points;
}

}  // namespace partita::pipeline
