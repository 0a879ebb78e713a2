#include "frame/csv/values.hpp"

#include <algorithm>
#include <charconv>

namespace partita::frame::csv {

namespace {

/// `text` without a leading "+" that a number may have.
std::string_view without_plus(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    return text;
}

bool equals(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

bool parse_int64_slow(std::string_view text, std::int64_t& value) {
    text = without_plus(text);
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool parse_double_slow(std::string_view text, double& value) {
    text = without_plus(text);
    if (text.empty()) return false;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size()) return false;
    if (error == std::errc()) return true;
    // Too small a number is 0, as everywhere; too large a one is no value.
    if (error != std::errc::result_out_of_range) return false;
    std::size_t const exponent = text.find_first_of("eE");
    bool const small = exponent != std::string_view::npos ? text[exponent + 1] == '-'
                                                          : text.find_first_not_of("-0.") > 1;
    value = text[0] == '-' ? -0.0 : 0.0;
    return small;
}

bool parse_bool(std::string_view text, std::uint8_t& value) {
    if (equals(text, "true"))
        value = 1;
    else if (equals(text, "false"))
        value = 0;
    else
        return false;
    return true;
}

bool is_integer(std::string_view text) {
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view field_text(std::string_view field, std::string& scratch) {
    if (field.size() < 2 || field.front() != '"' || field.back() != '"') return field;
    field = field.substr(1, field.size() - 2);
    if (field.find('"') == std::string_view::npos) return field;
    scratch.clear();
    for (std::size_t i = 0; i < field.size(); ++i) {
        scratch += field[i];
        if (field[i] == '"' && i + 1 < field.size() && field[i + 1] == '"') ++i;
    }
    return scratch;
}

}  // namespace partita::frame::csv
