#include "frame/csv/columns.hpp"

#include "frame/csv/values.hpp"
#include "frame/dictionary.hpp"
#include "frame/timestamp.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace partita::frame::csv {

namespace {

/// The arrays of a column that is being parsed.
struct Parsed {
    Buffer<std::byte> values;
    Buffer<std::uint32_t> offsets;
    Buffer<std::uint8_t> nulls;
    bool has_nulls = false;

    void mark(std::int64_t row, std::int64_t rows) {
        if (!has_nulls) {
            nulls = Buffer<std::uint8_t>(rows);
            std::memset(nulls.data(), 0, static_cast<std::size_t>(rows));
            has_nulls = true;
        }
        nulls[row] = 1;
    }
    std::uint8_t const* marks() const { return has_nulls ? nulls.data() : nullptr; }
};

bool stands_for_null(std::string_view field, FieldRules const& rules) {
    return field.empty() || std::any_of(rules.nulls.begin(), rules.nulls.end(),
                                        [&](std::string const& null) { return field == null; });
}

std::string_view without_blanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool parse_value(std::string_view text, std::int64_t& value) {
    return parse_int64_slow(text, value);
}
bool parse_value(std::string_view text, double& value) { return parse_double_slow(text, value); }
bool parse_value(std::string_view text, float& value) {
    double wide = 0;
    if (!parse_double_slow(text, wide)) return false;
    value = static_cast<float>(wide);
    return true;
}
bool parse_value(std::string_view text, std::uint8_t& value) { return parse_bool(text, value); }

enum class Found { value, null, nothing };

/// A field that is not plainly a value: null, in quotes, or with blanks around it.
template <class T, class Parse>
Found parse_unusual(std::string_view field, FieldRules const& rules, T& value, Parse const& parse) {
    if (stands_for_null(field, rules)) return Found::null;
    std::string scratch;
    std::string_view const text =
        without_blanks(rules.quotes_count ? field_text(field, scratch) : field);
    if (stands_for_null(text, rules)) return Found::null;
    return parse(text, value) ? Found::value : Found::nothing;
}

/// `fast(begin, end, value)` reads most fields, `parse` also those that are unusual.
template <class T, class Fast, class Parse>
Column parse_flat(Rows const& rows, std::int64_t column, Type type, FieldRules const& rules,
                  BadField& bad, Fast const& fast, Parse const& parse) {
    auto const parsed = std::make_shared<Parsed>();
    std::int64_t const count = rows.rows();
    parsed->values = Buffer<std::byte>(count * static_cast<std::int64_t>(sizeof(T)));
    T* const out = reinterpret_cast<T*>(parsed->values.data());
    // What stands for null may be a value of the type: -999.
    bool const plain = std::none_of(rules.nulls.begin(), rules.nulls.end(), [&](auto const& null) {
        T value{};
        return parse(null, value);
    });
    for (std::int64_t row = 0; row < count; ++row) {
        char const *const begin = rows.begin(row, column), *const end = rows.end(row, column);
        if (plain && begin < end && fast(begin, end, out[row])) [[likely]]
            continue;
        std::string_view const field(begin, static_cast<std::size_t>(end - begin));
        Found const found = parse_unusual(field, rules, out[row], parse);
        if (found == Found::value) continue;
        out[row] = T{};
        parsed->mark(row, count);
        if (found == Found::nothing) {
            bad = {row, std::string(field), {}};
            break;
        }
    }
    return {type, count, parsed->values.data(), parsed->marks(), parsed};
}

char* append_plain(char* out, char const* text, std::size_t size) {
    if (size <= 16)  // both sides have room for it
        std::memcpy(out, text, 16);
    else
        std::memcpy(out, text, size);
    return out + size;
}

/// A quote within a field, as in 5" pipe, hides the line end up to the next one: the first row
/// whose field was made of several lines by that.
void find_joined_lines(Rows const& rows, std::int64_t column, BadField& bad) {
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
        std::string_view const text = rows.field(row, column);
        if (text.starts_with('"') || text.find('\n') == std::string_view::npos) continue;
        bad = {row, std::string(text), "a field with line ends to begin with a quote"};
        return;
    }
}

Column parse_texts(Rows const& rows, std::int64_t column, FieldRules const& rules) {
    auto const parsed = std::make_shared<Parsed>();
    std::int64_t const count = rows.rows();
    std::int64_t bytes = 0;
    for (std::int64_t row = 0; row < count; ++row)
        bytes += rows.end(row, column) - rows.begin(row, column);
    check(bytes <= std::numeric_limits<std::uint32_t>::max(),
          "expected at most 4 GiB of text in a block, got {} bytes", bytes);
    parsed->values = Buffer<std::byte>(bytes + 16);
    parsed->offsets = Buffer<std::uint32_t>(count + 1);
    auto* const start = reinterpret_cast<char*>(parsed->values.data());
    char* out = start;
    std::string scratch;
    for (std::int64_t row = 0; row < count; ++row) {
        parsed->offsets[row] = static_cast<std::uint32_t>(out - start);
        std::string_view text = rows.field(row, column);
        if (text.empty() || (!rules.nulls.empty() && stands_for_null(text, rules)))
            parsed->mark(row, count);
        else if (rules.quotes_count && text.front() == '"') {
            text = field_text(text, scratch);
            std::memcpy(out, text.data(), text.size());
            out += text.size();
        } else {
            out = append_plain(out, text.data(), text.size());
        }
    }
    parsed->offsets[count] = static_cast<std::uint32_t>(out - start);
    return {count, parsed->offsets.data(), start, parsed->marks(), parsed};
}

/// "0.5 1 -2", also with commas, semicolons and square brackets.
bool parse_vector(std::string_view text, std::span<float> numbers) {
    constexpr char const* between = " ,;[]";
    for (float& number : numbers) {
        std::size_t const begin = text.find_first_not_of(between);
        if (begin == std::string_view::npos) return false;
        std::size_t const end = std::min(text.find_first_of(between, begin), text.size());
        if (!parse_value(text.substr(begin, end - begin), number)) return false;
        text = text.substr(end);
    }
    return text.find_first_not_of(between) == std::string_view::npos;
}

Column parse_vectors(Rows const& rows, std::int64_t column, Field const& field,
                     FieldRules const& rules, BadField& bad) {
    ColumnBuilder vectors(field);
    vectors.reserve(rows.rows());
    std::vector<float> numbers(static_cast<std::size_t>(field.width));
    std::string scratch;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
        std::string_view const raw = rows.field(row, column);
        std::string_view const text = rules.quotes_count ? field_text(raw, scratch) : raw;
        if (stands_for_null(raw, rules)) {
            vectors.append_null();
        } else if (parse_vector(text, numbers)) {
            vectors.append_vector(numbers);
        } else {
            bad = {row, std::string(raw), {}};
            vectors.append_nulls(rows.rows() - row);
            break;
        }
    }
    return vectors.finish();
}

template <class T>
bool no_fast_way(char const*, char const*, T&) {
    return false;
}

}  // namespace

Column parse_column(Rows const& rows, std::int64_t column, Field const& field,
                    FieldRules const& rules, BadField& bad) {
    auto const parse = [](std::string_view text, auto& value) { return parse_value(text, value); };
    Type const type = field.type;
    switch (type) {
        case Type::int64:
            return parse_flat<std::int64_t>(rows, column, type, rules, bad, parse_int64, parse);
        case Type::float64:
            return parse_flat<double>(rows, column, type, rules, bad, parse_double, parse);
        case Type::float32:
            return parse_flat<float>(rows, column, type, rules, bad, no_fast_way<float>, parse);
        case Type::boolean:
            return parse_flat<std::uint8_t>(rows, column, type, rules, bad,
                                            no_fast_way<std::uint8_t>, parse);
        case Type::timestamp:
            return parse_flat<std::int64_t>(rows, column, type, rules, bad,
                                            no_fast_way<std::int64_t>, parse_timestamp);
        case Type::vector:
            return parse_vectors(rows, column, field, rules, bad);
        case Type::text:
            if (rows.may_hold_lines()) find_joined_lines(rows, column, bad);
            break;
    }
    return with_dictionary(parse_texts(rows, column, rules));
}

std::uint32_t look_at_column(Rows const& rows, std::int64_t column, FieldRules const& rules) {
    std::uint32_t seen = 0;
    std::string scratch;
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
        std::string_view const field = rows.field(row, column);
        if (stands_for_null(field, rules)) continue;
        std::string_view const text =
            without_blanks(rules.quotes_count ? field_text(field, scratch) : field);
        std::int64_t integer = 0;
        double number = 0;
        std::uint8_t truth = 0;
        if (stands_for_null(text, rules))  // in quotes: an empty text, or no number
            continue;
        else if (parse_int64_slow(text, integer))
            seen |= seen_int64;
        else if (is_integer(text))
            seen |= seen_big_integer;
        else if (parse_double_slow(text, number))
            seen |= seen_float64;
        else if (parse_bool(text, truth))
            seen |= seen_bool;
        else if (text.size() > 10 && parse_timestamp(text, integer))
            seen |= seen_timestamp;
        else
            return seen_text;
    }
    return seen;
}

Type type_for(std::uint32_t seen) {
    if (seen == seen_bool) return Type::boolean;
    if (seen == seen_timestamp) return Type::timestamp;
    if (seen == seen_int64) return Type::int64;
    bool const numbers = (seen & ~(seen_int64 | seen_big_integer | seen_float64)) == 0;
    return numbers && (seen & seen_float64) ? Type::float64 : Type::text;
}

}  // namespace partita::frame::csv
