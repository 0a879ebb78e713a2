#include "table/output.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/csv.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/frame/json_lines.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::cli {

namespace {

using frame::Column;
using frame::Type;

std::string shown(Column const& column, std::int64_t row) {
    if (column.is_null(row)) return "";
    if (column.type() == Type::float64) return fmt::format("{:.6g}", column.values<double>()[row]);
    return std::string(cast(column.slice(row, row + 1), Type::text).text(0));
}

enum class Format { csv, tsv, json_lines, hdf5 };

std::optional<Format> format_of(std::string const& out) {
    constexpr std::pair<std::string_view, Format> endings[] = {
        {".csv", Format::csv},           {".tsv", Format::tsv},   {".jsonl", Format::json_lines},
        {".ndjson", Format::json_lines}, {".hdf5", Format::hdf5}, {".h5", Format::hdf5},
        {".hdf", Format::hdf5}};
    for (auto const& [ending, format] : endings)
        if (out.ends_with(ending)) return format;
    if (out.find(":/") != std::string::npos) return Format::hdf5;
    return std::nullopt;
}

}  // namespace

std::string file_of(std::string const& out) { return out.substr(0, out.rfind(":/")); }

void check_output_name(std::string const& out) {
    check(out.empty() || format_of(out),
          "--out: expected a name that ends in .csv, .tsv, .jsonl, .h5 or .h5:/name, got '{}'",
          out);
}

std::int64_t write_table(Session const& session, frame::Table const& table,
                         std::string const& out) {
    Format const format = format_of(out).value();  // check_output_name has seen it
    if (format == Format::json_lines)
        return frame::write_json_lines(table, out, session.overwrite());
    if (format == Format::hdf5) return frame::write_hdf5(table, out, session.overwrite());
    frame::CsvWriteOptions options;
    options.overwrite = session.overwrite();
    if (format == Format::tsv) options.separator = '\t';
    return frame::write_csv(table, out, options);
}

void print_aligned(Session const& session, frame::Block const& rows) {
    std::vector<std::string> lines(static_cast<std::size_t>(rows.rows()) + 1);
    for (std::int64_t c = 0; c < rows.schema().size(); ++c) {
        Column const& column = rows.column(c);
        std::vector<std::string> cells{rows.schema()[c].name};
        for (std::int64_t row = 0; row < rows.rows(); ++row) cells.push_back(shown(column, row));
        std::size_t width = 0;
        for (std::string const& cell : cells) width = std::max(width, cell.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (c > 0) lines[i] += "  ";
            lines[i] += column.type() == Type::text ? fmt::format("{:<{}}", cells[i], width)
                                                    : fmt::format("{:>{}}", cells[i], width);
        }
    }
    for (std::string& line : lines) {
        while (line.ends_with(' ')) line.pop_back();
        session.print("{}\n", line);
    }
}

}  // namespace partita::cli
