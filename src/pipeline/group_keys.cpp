#include "pipeline/group_keys.hpp"

#include "partita/frame/expression.hpp"

#include <charconv>

namespace partita::pipeline {

GroupKeys::GroupKeys(frame::Block const& block, std::vector<std::string> const& columns) {
    for (std::string const& name : columns)
        texts_.push_back(frame::cast(block.column(name), frame::Type::text));
}

std::string const& GroupKeys::of(std::int64_t row) {
    key_.clear();
    for (frame::Column const& column : texts_) {
        if (column.is_null(row)) {
            key_ += '-';
            continue;
        }
        std::string_view const text = column.text(row);
        key_ += std::to_string(text.size());
        key_ += ':';
        key_ += text;
    }
    return key_;
}

std::vector<std::pair<bool, std::string>> split_group_key(std::string const& key) {
    std::vector<std::pair<bool, std::string>> values;
    for (std::size_t at = 0; at < key.size();) {
        if (key[at] == '-') {
            values.emplace_back(false, std::string());
            ++at;
            continue;
        }
        std::size_t size = 0;
        char const* const end =
            std::from_chars(key.data() + at, key.data() + key.size(), size).ptr + 1;
        values.emplace_back(true, std::string(end, size));
        at = static_cast<std::size_t>(end - key.data()) + size;
    }
    return values;
}

std::string shown_group_key(std::string const& key) {
    std::string shown;
    for (auto const& [present, text] : split_group_key(key)) {
        if (!shown.empty()) shown += ", ";
        shown += present ? text : "null";
    }
    return shown;
}

}  // namespace partita::pipeline
