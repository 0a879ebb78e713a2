#include "pipeline/model_text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace partita::pipeline {

namespace {

using nlohmann::json;

bool fits_one_line(json const& value) {
    return value.empty() ||
           (value.is_array() && std::none_of(value.begin(), value.end(), [](json const& element) {
                return element.is_structured();
            }));
}

void append(json const& value, std::size_t depth, std::string& text) {
    if (!value.is_structured() || fits_one_line(value)) {
        text += value.dump();
        return;
    }
    std::string const indent(depth + 1, ' ');
    text += value.is_array() ? "[" : "{";
    char const* before = "\n";
    for (auto const& [name, element] : value.items()) {
        text += before + indent;
        if (value.is_object()) text += json(name).dump() + ": ";
        append(element, depth + 1, text);
        before = ",\n";
    }
    text += '\n' + std::string(depth, ' ') + (value.is_array() ? "]" : "}");
}

}  // namespace

std::string model_text(json const& value) {
    std::string text;
    append(value, 0, text);
    return text;
}

}  // namespace partita::pipeline
