#include "partita/frame/schema.hpp"

#include "frame/blanks.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <charconv>
#include <unordered_set>

namespace partita::frame {

namespace {

/// The 50 of "vector(50)", which becomes "vector"; else 0.
std::int64_t take_width(std::string_view& type) {
    std::size_t const open = type.find('(');
    if (open == std::string_view::npos || !type.ends_with(')')) return 0;
    std::string_view const digits = type.substr(open + 1, type.size() - open - 2);
    std::int64_t width = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), width);
    check(error == std::errc() && end == digits.data() + digits.size() && width > 0,
          "expected a number of at least 1 in '{}'", type);
    type = type.substr(0, open);
    return width;
}

}  // namespace

std::string type_text(Field const& field) {
    std::string text(to_string(field.type));
    return field.type == Type::vector ? text + "(" + std::to_string(field.width) + ")" : text;
}

void check_keys(Schema const& schema, std::span<std::int64_t const> columns,
                std::string_view operation) {
    for (std::int64_t const column : columns)
        check(schema[column].type != Type::vector, "{}: cannot compare '{}', which is {}",
              operation, schema[column].name, type_text(schema[column]));
}

Schema::Schema(std::vector<Field> fields) : fields_(std::move(fields)) {
    std::unordered_set<std::string_view> seen;
    for (Field const& field : fields_) {
        check(!field.name.empty(), "expected a name for each column, got an empty one");
        check(seen.insert(field.name).second, "two columns have the name '{}'", field.name);
        check((field.type == Type::vector) == (field.width > 0),
              "column '{}': expected a width for vectors only, as in vector(50), got {}",
              field.name, field.width);
    }
}

std::optional<std::int64_t> Schema::find(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i)
        if (fields_[i].name == name) return static_cast<std::int64_t>(i);
    return std::nullopt;
}

std::int64_t Schema::index_of(std::string_view name) const {
    auto const found = find(name);
    if (found) return *found;
    fail("no column '{}'{}", name, did_you_mean(name, names()));
}

std::vector<std::int64_t> Schema::indices_of(std::span<std::string const> names) const {
    std::vector<std::int64_t> indices;
    for (std::string const& name : names) indices.push_back(index_of(name));
    return indices;
}

std::vector<std::string> Schema::names() const {
    std::vector<std::string> names;
    for (Field const& field : fields_) names.push_back(field.name);
    return names;
}

Schema Schema::select(std::span<std::int64_t const> columns) const {
    std::vector<Field> fields;
    for (std::int64_t const column : columns) fields.push_back((*this)[column]);
    return Schema(std::move(fields));
}

std::string Schema::to_text() const {
    std::string text;
    for (Field const& field : fields_) {
        if (!text.empty()) text += ", ";
        text += field.name + ":";
        text += type_text(field);
    }
    return text;
}

Schema Schema::parse(std::string_view text) {
    std::vector<Field> fields;
    while (!without_blanks(text).empty()) {
        std::size_t const comma = std::min(text.find(','), text.size());
        std::string_view const one = without_blanks(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        std::size_t const colon = one.rfind(':');
        check(colon != std::string_view::npos && colon > 0,
              "expected NAME:TYPE, NAME:TYPE, ... as a schema, got '{}'", one);
        std::string_view type = without_blanks(one.substr(colon + 1));
        std::int64_t const width = take_width(type);
        fields.push_back(
            {std::string(without_blanks(one.substr(0, colon))), parse_type(type), width});
    }
    return Schema(std::move(fields));
}

}  // namespace partita::frame
