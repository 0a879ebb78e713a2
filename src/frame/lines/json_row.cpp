#include "frame/lines/json_row.hpp"

#include "frame/timestamp.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <cmath>
#include <limits>
#include <simdjson.h>
#include <unordered_set>

namespace partita::frame::lines {

namespace {

namespace dom = simdjson::dom;

/// Parses a line at a time, in a buffer with the room that the parser wants behind the text.
class ObjectParser {
  public:
    dom::object parse(std::string_view line) {
        buffer_.clear();
        buffer_.reserve(static_cast<std::int64_t>(line.size() + simdjson::SIMDJSON_PADDING));
        buffer_.append(line.data(), static_cast<std::int64_t>(line.size()));
        dom::element document;
        auto const error = parser_.parse(buffer_.data(), line.size(), false).get(document);
        check(error == simdjson::SUCCESS, ": expected a JSON object, got {}: {}", shown(line),
              lower(simdjson::error_message(error)));
        check(document.is_object(), ": expected a JSON object, got {}", shown(line));
        return document.get_object().value_unsafe();
    }

  private:
    static std::string shown(std::string_view line) {
        constexpr std::size_t most = 60;
        return std::string(line.substr(0, most)) + (line.size() > most ? "..." : "");
    }
    static std::string lower(std::string text) {
        if (!text.empty()) text[0] = static_cast<char>(std::tolower(text[0]));
        if (text.ends_with('.')) text.pop_back();
        return text;
    }

    dom::parser parser_;
    GrowingBuffer<char> buffer_;
};

/// How many numbers (or nulls) an array holds; -1 when it holds something else.
std::int64_t numbers_in(dom::array const& array) {
    std::int64_t count = 0;
    for (dom::element const one : array) {
        if (!one.is_number() && !one.is_null()) return -1;
        ++count;
    }
    return count;
}

void look_at(dom::element const& value, KeyFacts& key) {
    std::int64_t microseconds = 0;
    switch (value.type()) {
        case dom::element_type::NULL_VALUE:
            return;
        case dom::element_type::INT64:
            return key.add(json_integer, -1);
        case dom::element_type::UINT64:
        case dom::element_type::DOUBLE:
            return key.add(json_float, -1);
        case dom::element_type::BOOL:
            return key.add(json_bool, -1);
        case dom::element_type::STRING: {
            std::string_view const text = value.get_string().value_unsafe();
            bool const time = text.size() > 10 && parse_timestamp(text, microseconds);
            return key.add(time ? json_timestamp : json_text, -1);
        }
        case dom::element_type::ARRAY: {
            std::int64_t const length = numbers_in(value.get_array().value_unsafe());
            return length > 0 ? key.add(json_numbers, length) : key.add(json_other, -1);
        }
        case dom::element_type::OBJECT:
            return key.add(json_other, -1);
    }
}

/// Whether the value went into the column.
template <class T, class Get>
bool append_if(ColumnBuilder& column, Get&& got) {
    T value{};
    if (std::move(got).get(value) != simdjson::SUCCESS) return false;
    column.append(value);
    return true;
}

bool append_vector(ColumnBuilder& column, dom::element const& value) {
    dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS || numbers_in(array) != column.width())
        return false;
    std::vector<float> numbers;
    for (dom::element const one : array)
        numbers.push_back(one.is_null() ? std::numeric_limits<float>::quiet_NaN()
                                        : static_cast<float>(one.get_double().value_unsafe()));
    column.append_vector(numbers);
    return true;
}

bool append_value(ColumnBuilder& column, dom::element const& value) {
    if (value.is_null()) {
        column.append_null();
        return true;
    }
    std::string_view text;
    switch (column.type()) {
        case Type::int64:
            return append_if<std::int64_t>(column, value.get_int64());
        case Type::float64:
            return append_if<double>(column, value.get_double());
        case Type::float32: {
            double wide = 0;
            if (value.get_double().get(wide) != simdjson::SUCCESS) return false;
            column.append(static_cast<float>(wide));
            return true;
        }
        case Type::boolean: {
            bool truth = false;
            if (value.get_bool().get(truth) != simdjson::SUCCESS) return false;
            column.append(static_cast<std::uint8_t>(truth));
            return true;
        }
        case Type::timestamp: {
            std::int64_t microseconds = 0;
            if (value.get_string().get(text) != simdjson::SUCCESS ||
                !parse_timestamp(text, microseconds))
                return false;
            column.append(microseconds);
            return true;
        }
        case Type::vector:
            return append_vector(column, value);
        case Type::text:
            break;
    }
    if (value.get_string().get(text) == simdjson::SUCCESS)
        column.append_text(text);
    else
        column.append_text(simdjson::minify(value));
    return true;
}

class JsonRows final : public RowBuilder {
  public:
    JsonRows(std::shared_ptr<Schema const> schema, Schema const* all)
        : schema_(std::move(schema)), strict_(all != nullptr) {
        for (Field const& field : schema_->fields()) columns_.emplace_back(field);
        for (std::int64_t i = 0; i < schema_->size(); ++i) place_[(*schema_)[i].name] = i;
        if (!all) return;
        for (Field const& field : all->fields()) place_.try_emplace(field.name, not_wanted);
    }

    void add(std::string_view line) override {
        dom::object const object = parser_.parse(line);
        std::size_t next = 0;  // objects mostly have their keys in one order
        for (dom::key_value_pair const& pair : object) {
            std::int64_t const column = column_of(pair.key, next++);
            if (column < 0) continue;
            ColumnBuilder& to = columns_[static_cast<std::size_t>(column)];
            check(to.size() == rows_, ": the key '{}' comes twice", pair.key);
            if (!append_value(to, pair.value)) fail_value(pair, (*schema_)[column]);
        }
        ++rows_;
        for (ColumnBuilder& column : columns_)
            if (column.size() < rows_) column.append_null();
    }
    std::int64_t rows() const override { return rows_; }
    Block take() override {
        std::vector<Column> columns;
        for (ColumnBuilder& column : columns_) columns.push_back(column.finish());
        return {schema_, std::move(columns), std::exchange(rows_, 0)};
    }

  private:
    static constexpr std::int64_t not_wanted = -1;

    std::int64_t column_of(std::string_view key, std::size_t at) {
        if (at < order_.size() && order_[at].first == key) return order_[at].second;
        auto const found = place_.find(std::string(key));
        check(found != place_.end() || !strict_,
              ", key '{}': it is not in the sample that keys were taken from: name it in the "
              "schema, or leave out other keys",
              key);
        std::int64_t const column = found == place_.end() ? not_wanted : found->second;
        if (at >= order_.size()) order_.resize(at + 1, {std::string(), not_wanted});
        order_[at] = {std::string(key), column};
        return column;
    }

    [[noreturn]] static void fail_value(dom::key_value_pair const& pair, Field const& field) {
        constexpr std::size_t most = 60;
        std::string const got = simdjson::minify(pair.value);
        fail(", key '{}': expected {}, got {}{}", pair.key, type_text(field), got.substr(0, most),
             got.size() > most ? "..." : "");
    }

    std::shared_ptr<Schema const> schema_;
    bool strict_;
    std::vector<ColumnBuilder> columns_;
    std::unordered_map<std::string, std::int64_t> place_;
    std::vector<std::pair<std::string, std::int64_t>> order_;  ///< Of the last keys at each place.
    std::int64_t rows_ = 0;
    ObjectParser parser_;
};

}  // namespace

struct JsonSample::Parser {
    ObjectParser objects;
};

JsonSample::JsonSample() : parser_(std::make_unique<Parser>()) {}
JsonSample::~JsonSample() = default;

void JsonSample::add(std::string_view line) {
    for (dom::key_value_pair const& pair : parser_->objects.parse(line)) {
        auto const [at, is_new] = known_.try_emplace(std::string(pair.key), keys_.size());
        if (is_new) keys_.push_back({std::string(pair.key), 0, -1});
        look_at(pair.value, keys_[at->second]);
    }
}

Field field_for(KeyFacts const& key) {
    switch (key.seen) {
        case json_integer:
            return {key.name, Type::int64};
        case json_float:
        case json_float | json_integer:
            return {key.name, Type::float64};
        case json_bool:
            return {key.name, Type::boolean};
        case json_timestamp:
            return {key.name, Type::timestamp};
        case json_numbers:
            return {key.name, Type::vector, key.length};
        default:
            return {key.name, Type::text};
    }
}

std::unique_ptr<RowBuilder> make_json_rows(std::shared_ptr<Schema const> schema,
                                           Schema const* all) {
    return std::make_unique<JsonRows>(std::move(schema), all);
}

}  // namespace partita::frame::lines
