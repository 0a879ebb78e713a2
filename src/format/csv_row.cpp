#include "format/csv_row.hpp"

#include "format/decimal.hpp"

#include <charconv>

namespace partita::format {
namespace {

/// Read a number that a delimiter or the line's end follows; returns where it ends, or null.
char const* parse_usual(char const* p, char const* end, char delimiter, float& value) {
    char const* const decimal_end = parse_decimal(p, end, value);
    if (decimal_end && (decimal_end == end || *decimal_end == delimiter)) return decimal_end;
    auto const [stop, error] = std::from_chars(p, end, value);
    bool const ends = stop == end || *stop == delimiter;
    return error == std::errc() && ends ? stop : nullptr;
}

/// Long texts in messages are cut.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    return fmt::format("\"{}{}\"", text.substr(0, most), text.size() > most ? "..." : "");
}

}  // namespace

std::string CsvRowParser::line_text(std::int64_t row) const {
    return fmt::format("line {}", dialect_.first_line + row);
}

void CsvRowParser::parse(std::int64_t row, std::string_view line, float* out) const {
    std::int64_t const columns = dialect_.columns();
    std::int64_t const id_column = dialect_.id_column.value_or(-1);
    CsvFields fields(line, dialect_.delimiter);
    for (std::int64_t column = 0; column < columns; ++column) {
        if (!fields.more()) fail_ragged(row, line);
        if (column == id_column) {
            fields.next();
            continue;
        }
        char const* const end = fields.end();
        char const* start = fields.position();
        while (start < end && *start == ' ') ++start;  // after ", "
        if (char const* const stop = parse_usual(start, end, dialect_.delimiter, *out))
            fields.skip_to(stop);
        else
            *out = parse_unusual(row, column, fields);
        ++out;
    }
    if (fields.more()) fail_ragged(row, line);
}

float CsvRowParser::parse_unusual(std::int64_t row, std::int64_t column, CsvFields& fields) const {
    std::string scratch;
    std::string_view const field = fields.next();
    std::string_view const text = field_text(field, scratch);
    float value = 0;
    if (parse_number(text, value)) return value;
    std::string const place = line_text(row) + ", " + dialect_.column_text(column);
    check(!has_open_quote(field), "{}: {}: a quoted text does not end on its line", path_, place);
    fail("{}: {}: expected a number, got {}", path_, place, text.empty() ? "nothing" : shown(text));
}

void CsvRowParser::fail_ragged(std::int64_t row, std::string_view line) const {
    std::size_t const got = field_texts(line, dialect_.delimiter).size();
    fail("{}: {}: expected {} columns, got {}", path_, line_text(row), dialect_.columns(),
         got == 0 ? "an empty line" : std::to_string(got));
}

}  // namespace partita::format
