#include "frame/csv/write.hpp"

#include "frame/text_output.hpp"
#include "frame/value_text.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/csv.hpp"

namespace partita::frame {

namespace {

void append_rows(std::string& out, Block const& block, char separator) {
    for (std::int64_t row = 0; row < block.rows(); ++row) {
        for (std::size_t c = 0; c < block.columns().size(); ++c) {
            if (c > 0) out += separator;
            append_csv_value(out, block.columns()[c], row, separator);
        }
        out += '\n';
    }
}

}  // namespace

std::string header_line(Schema const& schema, CsvWriteOptions const& options) {
    std::string line;
    if (!options.header) return line;
    for (Field const& field : schema.fields()) {
        if (!line.empty()) line += options.separator;
        append_csv_field(line, field.name, options.separator);
    }
    return line + '\n';
}

Written keep_text(Table const& table, CsvWriteOptions const& options, dataset::PieceStore& store,
                  std::int64_t partition) {
    return keep_text(
        table,
        [&](std::string& out, Block const& block) { append_rows(out, block, options.separator); },
        store, partition);
}

std::string to_csv(Table const& table, CsvWriteOptions const& options) {
    Block const rows = table.collect();
    return collectively(table.context().comm(), "", [&] {
        std::string text;
        if (!table.context().comm().is_root()) return text;
        text = header_line(table.schema(), options);
        append_rows(text, rows, options.separator);
        return text;
    });
}

std::int64_t write_csv(Table const& table, std::string const& path,
                       CsvWriteOptions const& options) {
    return write_text(
        table, "write_csv", path, header_line(table.schema(), options),
        [&](std::string& out, Block const& block) { append_rows(out, block, options.separator); },
        options.overwrite);
}

}  // namespace partita::frame
