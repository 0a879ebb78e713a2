#include "partita/format/text_row.hpp"

#include "format/csv_dialect.hpp"
#include "format/csv_field.hpp"

#include <cstring>

namespace partita::format {

char find_row_delimiter(std::string_view first_line) {
    char const found = find_delimiter(first_line);
    return found == ' ' ? ',' : found;
}

bool RowSplitter::split(std::string_view line) {
    fields_.clear();
    if (line.find('"') != line.npos) return split_quoted(line);
    char const* next = line.data();
    char const* const end = next + line.size();
    for (;;) {
        auto const left = static_cast<std::size_t>(end - next);
        auto const* const stop = static_cast<char const*>(std::memchr(next, delimiter_, left));
        if (!stop) {
            fields_.emplace_back(next, left);
            return true;
        }
        fields_.emplace_back(next, static_cast<std::size_t>(stop - next));
        next = stop + 1;
    }
}

bool RowSplitter::split_quoted(std::string_view line) {
    unquoted_.clear();
    unquoted_.reserve(line.size());  // views into it must stay
    std::string scratch;
    CsvFields fields(line, delimiter_);
    while (fields.more()) {
        std::string_view const field = fields.next();
        if (has_open_quote(field)) return false;
        std::size_t const start = field.find_first_not_of(' ');
        if (start == field.npos || field[start] != '"') {
            fields_.push_back(field);
            continue;
        }
        std::string_view text = field_text(field, scratch);
        if (text.data() == scratch.data()) {
            std::size_t const at = unquoted_.size();
            unquoted_ += text;
            text = std::string_view(unquoted_).substr(at);
        }
        fields_.push_back(text);
    }
    return true;
}

}  // namespace partita::format
