#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame::expression {

struct Token {
    enum Kind { word, quoted_name, text, number, sign, end } kind = end;
    std::string value;  ///< Of words in lower case too, in `lower`; signs as "!=", "(", ...
    std::string lower;
    std::int64_t position = 0;  ///< From 1.
};

/// The parts of an expression; the last is `end`.
/// @throws Error for a character that begins none, or a quote that is not closed.
std::vector<Token> tokens_of(std::string_view text);

}  // namespace partita::frame::expression
