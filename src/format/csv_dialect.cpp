#include "format/csv_dialect.hpp"

#include "format/csv_field.hpp"

#include "partita/core/suggest.hpp"

#include <cctype>

namespace partita::format {
namespace {

using Fields = std::vector<std::string>;

bool is_number(std::string const& text) {
    float ignored = 0;
    return parse_number(text, ignored);
}

bool is_id_name(std::string_view name) {
    return name.size() == 2 && std::tolower(static_cast<unsigned char>(name[0])) == 'i' &&
           std::tolower(static_cast<unsigned char>(name[1])) == 'd';
}

bool looks_like_header(Fields const& first, Fields const& second, std::string const& id_column) {
    for (std::string const& name : first)
        if (is_id_name(name) || (!id_column.empty() && name == id_column && !is_number(name)))
            return true;
    if (second.empty()) return std::none_of(first.begin(), first.end(), is_number);
    for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
        if (!is_number(first[i]) && is_number(second[i])) return true;
    return false;
}

std::optional<std::int64_t> find_id_column(std::string const& path, CsvDialect const& dialect,
                                           std::string const& wanted) {
    for (std::int64_t i = 0; i < dialect.columns(); ++i) {
        std::string const& name = dialect.names[static_cast<std::size_t>(i)];
        if (wanted.empty() ? is_id_name(name) : name == wanted) return i;
    }
    if (!wanted.empty() && dialect.has_header)
        fail("{}: no column is named '{}'{}", path, wanted, did_you_mean(wanted, dialect.names));
    if (!wanted.empty())
        fail("{}: expected the number of a column from 1 to {} (the file has no header), got '{}'",
             path, dialect.columns(), wanted);
    bool const is_pandas_index = dialect.columns() > 1 && dialect.names[0].empty();
    return is_pandas_index ? std::optional<std::int64_t>(0) : std::nullopt;
}

}  // namespace

char find_delimiter(std::string_view line) {
    constexpr std::string_view candidates = ",\t; ";
    std::int64_t counts[candidates.size()] = {};
    bool quoted = false;
    for (char const c : line) {
        if (c == '"') quoted = !quoted;
        std::size_t const which = quoted ? candidates.npos : candidates.find(c);
        if (which != candidates.npos) ++counts[which];
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < 3; ++i)
        if (counts[i] > counts[best]) best = i;
    return counts[best] == 0 && counts[3] > 0 ? ' ' : candidates[best];
}

std::string CsvDialect::column_text(std::int64_t column) const {
    return has_header ? fmt::format("column '{}'", names[static_cast<std::size_t>(column)])
                      : fmt::format("column {}", column + 1);
}

CsvDialect find_dialect(TextFile const& text, CsvOptions const& options) {
    CsvDialect dialect;
    LineCursor lines(text, text.begin());
    std::string_view line;
    lines.next(line);
    dialect.delimiter = find_delimiter(line);
    Fields const first = field_texts(line, dialect.delimiter);
    std::int64_t const second_line = lines.offset();
    Fields const second = lines.next(line) ? field_texts(line, dialect.delimiter) : Fields{};
    dialect.has_header =
        options.header.value_or(looks_like_header(first, second, options.id_column));
    dialect.data_begin = dialect.has_header ? second_line : text.begin();
    dialect.first_line = dialect.has_header ? 2 : 1;
    for (std::size_t i = 0; i < first.size(); ++i)
        dialect.names.push_back(dialect.has_header ? first[i] : std::to_string(i + 1));
    dialect.id_column = find_id_column(text.path(), dialect, options.id_column);
    return dialect;
}

}  // namespace partita::format
