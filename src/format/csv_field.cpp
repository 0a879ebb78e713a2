#include "format/csv_field.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace partita::format {
namespace {

bool is_space_or_tab(char c) { return c == ' ' || c == '\t'; }

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_space_or_tab(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space_or_tab(text.back())) text.remove_suffix(1);
    return text;
}

/// The end of a quoted text that starts at `p`, after its closing quote; `end` if there is none.
char const* quote_end(char const* p, char const* end) {
    for (++p; p < end; ++p) {
        if (*p != '"') continue;
        bool const doubled = p + 1 < end && p[1] == '"';
        if (!doubled) return p + 1;
        ++p;
    }
    return end;
}

}  // namespace

CsvFields::CsvFields(std::string_view line, char delimiter)
    : position_(line.data()), end_(line.data() + line.size()), delimiter_(delimiter) {
    if (delimiter == ' ') {
        while (position_ < end_ && *position_ == ' ') ++position_;
        while (position_ < end_ && end_[-1] == ' ') --end_;
    }
    more_ = position_ < end_;
}

char const* CsvFields::field_end() const {
    char const* p = position_;
    while (p < end_ && *p == ' ' && delimiter_ != ' ') ++p;
    if (p < end_ && *p == '"') p = quote_end(p, end_);
    auto const* const found =
        static_cast<char const*>(std::memchr(p, delimiter_, static_cast<std::size_t>(end_ - p)));
    return found ? found : end_;
}

std::string_view CsvFields::next() {
    char const* const last = field_end();
    std::string_view const field(position_, static_cast<std::size_t>(last - position_));
    skip_to(last);
    return field;
}

void CsvFields::skip_to(char const* field_end) {
    more_ = field_end < end_;
    position_ = more_ ? field_end + 1 : end_;
    if (delimiter_ == ' ')
        while (position_ < end_ && *position_ == ' ') ++position_;
}

bool has_open_quote(std::string_view field) {
    std::string_view const text = without_blanks(field);
    if (!text.starts_with('"')) return false;
    char const* const end = text.data() + text.size();
    return quote_end(text.data(), end) == end && (text.size() == 1 || text.back() != '"');
}

std::string_view field_text(std::string_view field, std::string& scratch) {
    std::string_view text = without_blanks(field);
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
    text = text.substr(1, text.size() - 2);
    if (text.find('"') == text.npos) return text;
    scratch.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        scratch += text[i];
        if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
    }
    return scratch;
}

std::vector<std::string> field_texts(std::string_view line, char delimiter) {
    std::vector<std::string> texts;
    std::string scratch;
    for (CsvFields fields(line, delimiter); fields.more();)
        texts.emplace_back(field_text(fields.next(), scratch));
    return texts;
}

bool parse_number(std::string_view text, float& value) {
    bool const has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
    if (has_plus) text.remove_prefix(1);
    char const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    if (stop != end || error == std::errc::invalid_argument) return false;
    // from_chars does not say whether the number was too large or too small; strtof does.
    if (error == std::errc::result_out_of_range)
        value = std::strtof(std::string(text).c_str(), nullptr);
    return true;
}

bool parse_id_number(std::string_view text, std::int64_t& value) {
    char const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return false;
    std::string_view const digits = text.front() == '-' ? text.substr(1) : text;
    return digits.front() != '0' || text == "0";
}

}  // namespace partita::format
