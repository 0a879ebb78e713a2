#include "format/line_ids.hpp"

#include "format/csv_field.hpp"

#include <cstring>

namespace partita::format {

void note_id(std::string_view id, LineScan& scan) {
    std::int64_t ignored = 0;
    if (scan.ids_are_numbers) scan.ids_are_numbers = parse_id_number(id, ignored);
    scan.id_width = std::max(scan.id_width, static_cast<std::int64_t>(id.size()));
}

LineIds::LineIds(std::shared_ptr<TextFile const> text, LineIndex index)
    : IdReader(text->path(), {index.lines(), !index.ids_are_numbers(),
                              index.ids_are_numbers() ? 8 : index.id_width()}),
      text_(std::move(text)),
      index_(std::move(index)) {}

void LineIds::do_read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const {
    std::string scratch;
    for_each_line(*text_, index_, first, last, [&](std::int64_t row, std::string_view line) {
        std::string_view const id = id_in(line, scratch);
        check(parse_id_number(id, out[row - first]), "{}: {}: expected a whole number, got \"{}\"",
              path(), place_of(row), id);
    });
}

void LineIds::do_read_texts(std::int64_t first, std::int64_t last, char* out) const {
    std::string scratch;
    for_each_line(*text_, index_, first, last, [&](std::int64_t row, std::string_view line) {
        copy_text(row, id_in(line, scratch), out + (row - first) * width());
    });
}

void LineIds::copy_text(std::int64_t row, std::string_view id, char* out) const {
    auto const size = static_cast<std::int64_t>(id.size());
    check(size > 0, "{}: {}: expected an id, got nothing", path(), place_of(row));
    check(size <= width(), "{}: {}: the file has changed", path(), place_of(row));
    check(id.find('\0') == id.npos, "{}: {}: expected an id, got a zero byte", path(),
          place_of(row));
    std::memcpy(out, id.data(), id.size());
    std::memset(out + size, 0, static_cast<std::size_t>(width() - size));
}

}  // namespace partita::format
