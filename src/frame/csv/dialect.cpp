#include "frame/csv/dialect.hpp"

#include "frame/csv/structure.hpp"
#include "frame/csv/values.hpp"

#include "partita/core/error.hpp"
#include "partita/dataset/text_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace partita::frame::csv {

namespace {

constexpr std::string_view mark = "\xef\xbb\xbf";

/// The beginning of a file: its first line, quoted line ends and all.
struct Head {
    std::string text;  ///< Without the byte order mark; padded with slack_bytes.
    std::int64_t mark_bytes = 0;
    std::int64_t line_bytes = 0;  ///< Of the first line, with its end.
    std::string_view line() const {
        std::string_view line(text.data(), static_cast<std::size_t>(line_bytes));
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }
};

Head read_head(std::string const& path, bool quotes_count) {
    auto const stream = dataset::open_text_stream(path, 0);
    Head head;
    std::int64_t size = 0;
    for (std::int64_t room = 64 << 10;; room *= 4) {
        head.text.resize(static_cast<std::size_t>(room + slack_bytes));
        size += stream->read(head.text.data() + size, room - size);
        std::string_view const text(head.text.data(), static_cast<std::size_t>(size));
        head.mark_bytes = text.starts_with(mark) ? 3 : 0;
        RangeScan scan;
        scan.add(text.data() + head.mark_bytes, size - head.mark_bytes, quotes_count);
        head.line_bytes = scan.first_newline[0] + 1;
        if (head.line_bytes > 0 || size < room) break;
    }
    head.text.erase(0, static_cast<std::size_t>(head.mark_bytes));
    if (head.line_bytes == 0) head.line_bytes = size - head.mark_bytes;  // no end of line
    return head;
}

std::int64_t count_outside(std::string_view line, char wanted, bool quotes_count) {
    bool inside = false;
    std::int64_t count = 0;
    for (char const c : line) {
        if (c == '"' && quotes_count) inside = !inside;
        if (c == wanted && !inside) ++count;
    }
    return count;
}

char find_separator(std::string_view line, bool quotes_count) {
    char best = ',';
    std::int64_t most = 0;
    for (char const candidate : {',', '\t', ';', '|'}) {
        std::int64_t const count = count_outside(line, candidate, quotes_count);
        if (count > most) {
            most = count;
            best = candidate;
        }
    }
    return most == 0 && count_outside(line, ' ', quotes_count) > 0 ? ' ' : best;
}

std::vector<std::string> fields_of(std::string_view line, Dialect const& dialect) {
    std::string text(line);
    text.resize(text.size() + static_cast<std::size_t>(slack_bytes));
    auto size = static_cast<std::int64_t>(line.size());
    if (dialect.separator == ' ') size = join_blanks(text.data(), size, dialect.quotes_count);
    std::vector<std::uint32_t> ends(static_cast<std::size_t>(size + slack_bytes));
    std::int64_t newlines = 0;
    std::int64_t const found = find_structure(text.data(), size, dialect.separator,
                                              dialect.quotes_count, ends.data(), newlines);
    ends[static_cast<std::size_t>(found)] = static_cast<std::uint32_t>(size);
    std::vector<std::string> fields;
    std::string scratch;
    std::size_t begin = 0;
    for (std::int64_t i = 0; i <= found; ++i) {
        std::size_t const end = ends[static_cast<std::size_t>(i)];
        std::string_view const field = std::string_view(text).substr(begin, end - begin);
        fields.emplace_back(dialect.quotes_count ? field_text(field, scratch) : field);
        begin = end + 1;
    }
    return fields;
}

bool looks_like_names(std::vector<std::string> const& fields) {
    double number = 0;
    return std::none_of(fields.begin(), fields.end(), [&](std::string const& field) {
        return parse_double_slow(field, number) && field != "nan" && field != "inf";
    });
}

}  // namespace

std::int64_t join_blanks(char* text, std::int64_t size, bool quotes_count) {
    std::int64_t out = 0;
    bool inside = false, line_begins = true;
    for (std::int64_t i = 0; i < size; ++i) {
        char const c = text[i];
        if (c == '"' && quotes_count) inside = !inside;
        bool const ends_line = c == '\n' || c == '\r';
        if (!inside && c == ' ' && (line_begins || (out > 0 && text[out - 1] == ' '))) continue;
        if (!inside && ends_line && !line_begins && out > 0 && text[out - 1] == ' ') --out;
        line_begins = !inside && ends_line;
        text[out++] = c;
    }
    return out;
}

Dialect find_dialect(std::string const& path, CsvOptions const& options) {
    Dialect dialect;
    dialect.quotes_count = !options.ignore_quotes;
    Head const head = read_head(path, dialect.quotes_count);
    dialect.separator = options.separator != 0 ? options.separator
                                               : find_separator(head.line(), dialect.quotes_count);
    std::vector<std::string> fields = fields_of(head.line(), dialect);
    bool const has_header = options.header.value_or(looks_like_names(fields));
    dialect.data_begin = head.mark_bytes + (has_header ? head.line_bytes : 0);
    if (has_header)
        dialect.first_line +=
            std::count(head.text.data(), head.text.data() + head.line_bytes, '\n');
    auto const columns = static_cast<std::int64_t>(fields.size());
    for (std::int64_t i = 0; i < columns; ++i) {
        std::string& name = fields[static_cast<std::size_t>(i)];
        if (!has_header || name.empty()) name = fmt::format("c{}", i + 1);
    }
    dialect.names = std::move(fields);
    if (!options.names.empty()) {
        check(static_cast<std::int64_t>(options.names.size()) == columns,
              "{}: expected names for {} columns, got {}", path, columns, options.names.size());
        dialect.names = options.names;
    }
    return dialect;
}

void check_same_dialect(std::string const& path, CsvOptions const& options, Dialect const& first,
                        Dialect& other) {
    CsvOptions same = options;
    same.separator = first.separator;
    same.names.clear();
    other = find_dialect(path, same);
    check(other.names.size() == first.names.size(),
          "{}: expected {} columns as in the first file, "
          "got {}",
          path, first.names.size(), other.names.size());
    if (!options.names.empty()) other.names = options.names;
    for (std::size_t i = 0; i < first.names.size(); ++i)
        check(other.names[i] == first.names[i],
              "{}: expected column '{}' as in the first file, got '{}'", path, first.names[i],
              other.names[i]);
}

}  // namespace partita::frame::csv
