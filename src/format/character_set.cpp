#include "format/character_set.hpp"

#include <string_view>

namespace partita::format {
namespace {

using Members = std::array<bool, 256>;

bool is_digit(unsigned c) { return c - '0' < 10; }
bool is_word(unsigned c) { return is_digit(c) || (c | 32) - 'a' < 26 || c == '_'; }
bool is_blank(unsigned c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }

/// Add what "\\w" and the like stand for. @returns false for other letters.
bool add_class(char letter, Members& members) {
    bool const negated = letter == 'W' || letter == 'D' || letter == 'S';
    auto const has = [&](unsigned c) {
        char const kind = static_cast<char>(letter | 32);
        return kind == 'w' ? is_word(c) : kind == 'd' ? is_digit(c) : is_blank(c);
    };
    if (std::string_view("wdsWDS").find(letter) == std::string_view::npos) return false;
    for (unsigned c = 0; c < 256; ++c) members[c] = members[c] || has(c) != negated;
    return true;
}

/// One character of a set, an escaped one too, taken off the front; -1 when it is none.
int take_character(std::string_view& text) {
    if (text.empty() || static_cast<unsigned char>(text[0]) >= 128) return -1;
    char c = text[0];
    text.remove_prefix(1);
    if (c != '\\') return c == '[' ? -1 : c;  // "[:alpha:]"
    if (text.empty()) return -1;
    c = text[0];
    text.remove_prefix(1);
    if (c == 't') return '\t';
    bool const stands_for_itself =
        static_cast<unsigned char>(c) < 128 && !is_word(static_cast<unsigned char>(c));
    return stands_for_itself ? c : -1;
}

/// What is between the brackets.
bool parse_members(std::string_view text, Members& members) {
    if (text.empty()) return false;
    while (!text.empty()) {
        if (text[0] == '\\' && text.size() > 1 && add_class(text[1], members)) {
            text.remove_prefix(2);
            continue;
        }
        int const first = take_character(text);
        if (first < 0) return false;
        int last = first;
        if (text.size() > 1 && text[0] == '-') {
            text.remove_prefix(1);
            last = take_character(text);
        }
        if (last < first) return false;
        for (int c = first; c <= last; ++c) members[static_cast<std::size_t>(c)] = true;
    }
    return true;
}

}  // namespace

std::optional<ByteSet> parse_repeated_set(std::string_view pattern) {
    Members members{};
    if (!pattern.ends_with('+')) return std::nullopt;
    pattern.remove_suffix(1);
    if (pattern.size() == 2 && pattern[0] == '\\') {
        if (!add_class(pattern[1], members)) return std::nullopt;
    } else {
        if (pattern.size() < 3 || pattern[0] != '[' || pattern.back() != ']') return std::nullopt;
        pattern = pattern.substr(1, pattern.size() - 2);
        bool const negated = pattern[0] == '^';
        if (negated) pattern.remove_prefix(1);
        // A bracket inside ends the set, unless it is escaped: leave what is doubtful to others.
        if (pattern.find(']') != pattern.npos || pattern.ends_with('\\')) return std::nullopt;
        if (!parse_members(pattern, members)) return std::nullopt;
        if (negated)
            for (bool& member : members) member = !member;
    }
    members['\n'] = members['\r'] = false;
    return ByteSet(members);
}

}  // namespace partita::format
