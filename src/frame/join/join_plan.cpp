#include "frame/join/join_plan.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace partita::frame {

namespace {

std::vector<Column> columns_of(Block const& block, std::vector<std::int64_t> const& indices) {
    std::vector<Column> columns;
    for (std::int64_t const i : indices) columns.push_back(block.column(i));
    return columns;
}

std::vector<std::int64_t> keys_of(Schema const& schema, std::vector<std::string> const& names,
                                  std::string_view side) {
    try {
        return schema.indices_of(names);
    } catch (Error const& error) {
        fail("join: {} table: {}", side, error.what());
    }
}

/// Where a column is among `columns`, to which it is added when it is not there.
std::int64_t place_of(std::int64_t column, std::vector<std::int64_t>& columns) {
    auto const known = std::find(columns.begin(), columns.end(), column);
    auto const place = known - columns.begin();
    if (known == columns.end()) columns.push_back(column);
    return place;
}

}  // namespace

JoinPlan::JoinPlan(Schema const& left, Schema const& all_right,
                   std::vector<std::string> const& left_key_names,
                   std::vector<std::string> const& right_key_names, JoinKind its_kind)
    : kind(its_kind), left_keys(keys_of(left, left_key_names, "left")) {
    std::vector<std::int64_t> const all_right_keys = keys_of(all_right, right_key_names, "right");
    check(!left_keys.empty() && left_keys.size() == all_right_keys.size(),
          "join: expected as many keys on both sides, got {} and {}", left_keys.size(),
          all_right_keys.size());
    check_keys(left, left_keys, "join");
    check_keys(all_right, all_right_keys, "join");
    std::vector<std::int64_t> needed;
    std::vector<Field> key_row_fields;
    for (std::size_t i = 0; i < left_keys.size(); ++i) {
        Field const &a = left[left_keys[i]], &b = all_right[all_right_keys[i]];
        check(a.type == b.type,
              "join: expected keys of the same type, got '{}', which is {}, and '{}', which is {}",
              a.name, to_string(a.type), b.name, to_string(b.type));
        key_fields.push_back(a);
        key_row_fields.push_back({"key " + std::to_string(i), a.type});
        right_keys.push_back(place_of(all_right_keys[i], needed));
    }
    Field const place{"place", Type::int64};
    key_row_fields.push_back(place);
    std::vector<Field> match_fields{place}, fields(left.fields().begin(), left.fields().end());
    for (std::int64_t i = 0; pairs() && i < all_right.size(); ++i) {
        if (std::find(all_right_keys.begin(), all_right_keys.end(), i) != all_right_keys.end())
            continue;
        right_columns.push_back(place_of(i, needed));
        match_fields.push_back(all_right[i]);
        match_fields.back().name = "right " + std::to_string(i);
        fields.push_back(all_right[i]);
        if (left.find(all_right[i].name)) fields.back().name += "_right";
    }
    right = std::make_shared<Schema const>(all_right.select(needed));
    right_names = right->names();
    key_rows = std::make_shared<Schema const>(std::move(key_row_fields));
    matches = std::make_shared<Schema const>(std::move(match_fields));
    result = std::make_shared<Schema const>(std::move(fields));
}

std::vector<Column> JoinPlan::left_keys_of(Block const& block) const {
    return columns_of(block, left_keys);
}
std::vector<Column> JoinPlan::right_keys_of(Block const& block) const {
    return columns_of(block, right_keys);
}
std::vector<Column> JoinPlan::right_columns_of(Block const& block) const {
    return columns_of(block, right_columns);
}

std::vector<std::uint32_t> rows_with_keys(std::vector<Column> const& keys, std::int64_t rows) {
    std::vector<std::uint32_t> there(static_cast<std::size_t>(rows));
    std::iota(there.begin(), there.end(), std::uint32_t{0});
    for (Column const& key : keys)
        if (key.nulls())
            std::erase_if(there, [&](std::uint32_t row) { return key.nulls()[row] != 0; });
    return there;
}

}  // namespace partita::frame
