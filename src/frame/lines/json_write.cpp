#include "frame/text_output.hpp"
#include "frame/value_text.hpp"

#include "partita/frame/json_lines.hpp"

#include <cmath>

namespace partita::frame {

namespace {

/// A text in quotes; what is no UTF-8 is passed on as it is.
void append_quoted(std::string& out, std::string_view text) {
    constexpr char const* digits = "0123456789abcdef";
    out += '"';
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte >= 0x20) {
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    out += '"';
}

/// `text`, from `begin` on, is a number: give it a point, so that it is read as a float again.
void mark_float(std::string& text, std::size_t begin) {
    if (text.find_first_of(".e", begin) == std::string::npos) text += ".0";
}

void append_float(std::string& out, Column const& column, std::int64_t row, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::size_t const begin = out.size();
    append_value(out, column, row);
    mark_float(out, begin);
}

void append_vector(std::string& out, Column const& column, std::int64_t row) {
    auto const numbers = column.vector(row);
    out += '[';
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) out += ',';
        // As a column of one float32, so that numbers look the same everywhere.
        append_float(out, {Type::float32, 1, numbers.data() + i, nullptr, nullptr}, 0,
                     double{numbers[i]});
    }
    out += ']';
}

void append_json(std::string& out, Column const& column, std::int64_t row) {
    if (column.is_null(row)) {
        out += "null";
        return;
    }
    switch (column.type()) {
        case Type::float64:
            return append_float(out, column, row, column.values<double>()[row]);
        case Type::float32:
            return append_float(out, column, row, double{column.values<float>()[row]});
        case Type::vector:
            return append_vector(out, column, row);
        case Type::text:
            return append_quoted(out, column.text(row));
        case Type::timestamp:
            out += '"';
            append_value(out, column, row);
            out += '"';
            return;
        default:
            append_value(out, column, row);
    }
}

}  // namespace

std::int64_t write_json_lines(Table const& table, std::string const& path, bool overwrite) {
    std::vector<std::string> keys;  // with what stands before and behind them
    for (Field const& field : table.schema().fields()) {
        std::string key = keys.empty() ? "{" : ",";
        append_quoted(key, field.name);
        keys.push_back(key + ':');
    }
    return write_text(
        table, "write_json_lines", path, "",
        [&](std::string& out, Block const& block) {
            for (std::int64_t row = 0; row < block.rows(); ++row) {
                for (std::size_t c = 0; c < keys.size(); ++c) {
                    out += keys[c];
                    append_json(out, block.columns()[c], row);
                }
                out += keys.empty() ? "{}\n" : "}\n";
            }
        },
        overwrite);
}

}  // namespace partita::frame
