#include "partita/frame/schema.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <unordered_set>

namespace partita::frame {

namespace {

std::string_view without_blanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

Schema::Schema(std::vector<Field> fields) : fields_(std::move(fields)) {
    std::unordered_set<std::string_view> seen;
    for (Field const& field : fields_) {
        check(!field.name.empty(), "expected a name for each column, got an empty one");
        check(seen.insert(field.name).second, "two columns have the name '{}'", field.name);
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
        text += to_string(field.type);
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
        fields.push_back({std::string(without_blanks(one.substr(0, colon))),
                          parse_type(without_blanks(one.substr(colon + 1)))});
    }
    return Schema(std::move(fields));
}

}  // namespace partita::frame
