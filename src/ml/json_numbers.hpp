#pragma once

#include "partita/core/error.hpp"
#include "partita/ml/training_set.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace partita::ml {

/// JSON knows no infinity; a model does: the intercept of a single label.
inline nlohmann::json number_to_json(double x) {
    if (std::isnan(x)) return "nan";
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x;
}

inline double number_from_json(nlohmann::json const& json, char const* name) {
    if (json.is_number()) return json.get<double>();
    if (json.is_string()) {
        auto const text = json.get<std::string>();
        if (text == "inf") return HUGE_VAL;
        if (text == "-inf") return -HUGE_VAL;
        if (text == "nan") return NAN;
    }
    fail("'{}': expected a number, got {}", name, json.dump());
}

inline nlohmann::json const& member(nlohmann::json const& json, char const* name) {
    auto const at = json.find(name);
    check(at != json.end(), "expected a member '{}', found none", name);
    return *at;
}

template <class Numbers>
nlohmann::json numbers_to_json(Numbers const& values) {
    nlohmann::json array = nlohmann::json::array();
    for (double const value : values) array.push_back(number_to_json(value));
    return array;
}

inline std::vector<double> numbers_from_json(nlohmann::json const& json, char const* name) {
    nlohmann::json const& array = member(json, name);
    check(array.is_array(), "'{}': expected an array of numbers", name);
    std::vector<double> values;
    for (auto const& element : array) values.push_back(number_from_json(element, name));
    return values;
}

/// {"rows": r, "columns": c, "values": [row by row]}
inline nlohmann::json matrix_to_json(RealMatrix const& matrix) {
    std::span<double const> const values(matrix.data(),
                                         static_cast<std::size_t>(matrix.rows() * matrix.cols()));
    return {
        {"rows", matrix.rows()}, {"columns", matrix.cols()}, {"values", numbers_to_json(values)}};
}

inline RealMatrix matrix_from_json(nlohmann::json const& json, char const* name) {
    nlohmann::json const& object = member(json, name);
    auto const rows = member(object, "rows").get<std::int64_t>();
    auto const columns = member(object, "columns").get<std::int64_t>();
    std::vector<double> const values = numbers_from_json(object, "values");
    check(rows >= 0 && columns >= 0 && saturated_product(rows, columns) == std::ssize(values),
          "'{}': expected {} x {} numbers, got {}", name, rows, columns, values.size());
    RealMatrix matrix(rows, columns);
    std::copy(values.begin(), values.end(), matrix.data());
    return matrix;
}

}  // namespace partita::ml
