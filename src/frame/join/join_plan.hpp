#pragma once

#include "partita/frame/wide.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace partita::frame {

/// How the columns of a join lie in those of its tables.
struct JoinPlan {
    JoinPlan(Schema const& left, Schema const& right, std::vector<std::string> const& left_names,
             std::vector<std::string> const& right_names, JoinKind kind);

    JoinKind kind;
    std::vector<std::int64_t> left_keys;
    std::vector<std::string> right_names;     ///< The columns of the right table that are needed.
    std::shared_ptr<Schema const> right;      ///< These columns.
    std::vector<std::int64_t> right_keys;     ///< In `right`, and so are
    std::vector<std::int64_t> right_columns;  ///< those that appear in the result.
    std::vector<Field> key_fields;
    std::shared_ptr<Schema const> key_rows;  ///< Keys of left rows, and their places.
    std::shared_ptr<Schema const> matches;   ///< Places of left rows, and what partners give.
    std::shared_ptr<Schema const> result;

    /// Whether the result has a row for each pair, and not for each left row.
    bool pairs() const { return kind == JoinKind::inner || kind == JoinKind::left; }
    std::vector<Column> left_keys_of(Block const& block) const;
    std::vector<Column> right_keys_of(Block const& block) const;
    /// The result's columns that come from the right table.
    std::vector<Column> right_columns_of(Block const& block) const;
};

using JoinPlanRef = std::shared_ptr<JoinPlan const>;

/// Rows whose keys are all there.
std::vector<std::uint32_t> rows_with_keys(std::vector<Column> const& keys, std::int64_t rows);

}  // namespace partita::frame
