#include "frame/expression/lexer.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cctype>

namespace partita::frame::expression {

namespace {

bool begins_word(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool continues_word(char c) { return begins_word(c) || is_digit(c); }

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

std::size_t end_of_number(std::string_view text, std::size_t at) {
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t after = at + 1;
        if (after < text.size() && (text[after] == '+' || text[after] == '-')) ++after;
        if (after < text.size() && is_digit(text[after])) {
            while (after < text.size() && is_digit(text[after])) ++after;
            return after;
        }
    }
    return at;
}

/// What stands in quotes from `at` on; a doubled quote is one. `at` becomes the place behind it.
std::string quoted(std::string_view text, std::size_t& at) {
    char const quote = text[at];
    std::string value;
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] != quote) {
            value += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == quote) {
            value += text[i++];
        } else {
            at = i + 1;
            return value;
        }
    }
    fail("expected a closing {} for the one at position {}", quote, at + 1);
}

}  // namespace

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < text.size();) {
        char const c = text[at];
        if (std::isspace(static_cast<unsigned char>(c))) {
            ++at;
            continue;
        }
        Token token;
        token.position = static_cast<std::int64_t>(at) + 1;
        std::size_t end = at + 1;
        if (begins_word(c)) {
            while (end < text.size() && continues_word(text[end])) ++end;
            token.kind = Token::word;
        } else if (is_digit(c) || (c == '.' && end < text.size() && is_digit(text[end]))) {
            end = end_of_number(text, at);
            token.kind = Token::number;
        } else if (c == '\'' || c == '"' || c == '`') {
            token.kind = c == '\'' ? Token::text : Token::quoted_name;
            token.value = quoted(text, at);
            tokens.push_back(std::move(token));
            continue;
        } else {
            std::string_view const two = text.substr(at, 2);
            constexpr std::string_view pairs[] = {"==", "!=", "<>", "<=", ">=", "&&", "||"};
            if (std::find(std::begin(pairs), std::end(pairs), two) != std::end(pairs)) ++end;
            check(
                end > at + 1 || std::string_view("()+-*/%=<>,!").find(c) != std::string_view::npos,
                "expected an operator, a name or a value at position {}, got '{}'", token.position,
                c);
            token.kind = Token::sign;
        }
        token.value = std::string(text.substr(at, end - at));
        token.lower = lower(token.value);
        tokens.push_back(std::move(token));
        at = end;
    }
    tokens.push_back({Token::end, "the end", "", static_cast<std::int64_t>(text.size()) + 1});
    return tokens;
}

}  // namespace partita::frame::expression
