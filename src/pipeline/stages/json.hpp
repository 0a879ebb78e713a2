#pragma once

#include "partita/core/error.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace partita::pipeline {

using nlohmann::json;

/// JSON knows no infinity; splits and norms do.
inline json number_to_json(double x) {
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x;
}

inline json numbers_to_json(std::vector<double> const& values) {
    json array = json::array();
    for (double const value : values) array.push_back(number_to_json(value));
    return array;
}

inline double number_of_json(json const& value, char const* name) {
    if (value.is_number()) return value.get<double>();
    if (value == "inf") return HUGE_VAL;
    if (value == "-inf") return -HUGE_VAL;
    fail("'{}': expected a number, got {}", name, value.dump());
}

inline double number_from_json(json const& object, char const* name) {
    return number_of_json(object.at(name), name);
}

inline std::vector<double> numbers_from_json(json const& object, char const* name) {
    std::vector<double> values;
    for (json const& value : object.at(name)) values.push_back(number_of_json(value, name));
    return values;
}

inline std::vector<std::string> texts_from_json(json const& object, char const* name) {
    return object.at(name).get<std::vector<std::string>>();
}

}  // namespace partita::pipeline
