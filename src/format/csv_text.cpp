#include "partita/format/csv_text.hpp"

#include "format/element_convert.hpp"

#include <charconv>

namespace partita::format {

void append_csv_numbers(std::string& out, ElementType type, void const* values, std::int64_t count,
                        char delimiter) {
    constexpr std::size_t longest = 32;  // "-2.2250738585072014e-308" has 24 characters
    with_element(type, [&](auto element) {
        auto const* const numbers = static_cast<decltype(element) const*>(values);
        for (std::int64_t i = 0; i < count; ++i) {
            char text[longest];
            char* const end = std::to_chars(text, text + longest, numbers[i]).ptr;
            if (i > 0) out += delimiter;
            out.append(text, end);
        }
    });
}

void append_csv_text(std::string& out, std::string_view text, char delimiter) {
    bool const has_outer_blank = text.starts_with(' ') || text.ends_with(' ');
    bool needs_quotes = text.empty() || has_outer_blank;
    for (char const c : text)  // one pass without calls: most texts are short
        needs_quotes |= (c == '"') | (c == '\n') | (c == '\r') | (c == '\t') | (c == delimiter);
    if (!needs_quotes) {
        out += text;
        return;
    }
    out += '"';
    for (char const c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

std::string csv_header(std::string_view id_name, std::int64_t dim, char delimiter) {
    std::string header;
    if (!id_name.empty()) append_csv_text(header, id_name, delimiter);
    for (std::int64_t i = 0; i < dim; ++i) {
        if (!header.empty()) header += delimiter;
        header += "x" + std::to_string(i);
    }
    return header + "\n";
}

}  // namespace partita::format
