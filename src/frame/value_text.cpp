#include "frame/value_text.hpp"

#include "frame/timestamp.hpp"

#include <charconv>

namespace partita::frame {

namespace {

template <class T>
void append_number(std::string& out, T value) {
    char text[40];
    auto const [end, error] = std::to_chars(text, text + sizeof text, value);
    out.append(text, end);
}

}  // namespace

void append_value(std::string& out, Column const& column, std::int64_t row) {
    if (column.is_null(row)) return;
    switch (column.type()) {
        case Type::int64:
            return append_number(out, column.values<std::int64_t>()[row]);
        case Type::float64:
            return append_number(out, column.values<double>()[row]);
        case Type::float32:
            return append_number(out, column.values<float>()[row]);
        case Type::boolean:
            out += column.values<std::uint8_t>()[row] ? "true" : "false";
            return;
        case Type::timestamp:
            return append_timestamp(out, column.values<std::int64_t>()[row]);
        case Type::vector:
            for (std::size_t i = 0; i < column.vector(row).size(); ++i) {
                if (i > 0) out += ' ';
                append_number(out, column.vector(row)[i]);
            }
            return;
        case Type::text:
            out += column.text(row);
    }
}

void append_csv_field(std::string& out, std::string_view text, char separator) {
    char const special[] = {separator, '"', '\n', '\r', '\0'};
    if (!text.empty() && text.find_first_of(special) == std::string_view::npos) {
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

void append_csv_value(std::string& out, Column const& column, std::int64_t row, char separator) {
    if (column.type() != Type::text)
        append_value(out, column, row);
    else if (!column.is_null(row))
        append_csv_field(out, column.text(row), separator);
}

}  // namespace partita::frame
