#include "frame/join/join_plan.hpp"

#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

constexpr std::uint32_t none = GroupTable::none;
/// How many rows a block of pairs has at most.
constexpr std::size_t most_pairs = 1 << 15;

std::vector<Column> columns_of(Block const& block, std::vector<std::int64_t> const& indices) {
    std::vector<Column> columns;
    for (std::int64_t const i : indices) columns.push_back(block.column(i));
    return columns;
}

/// Rows whose keys are all there.
std::vector<std::uint32_t> rows_with_keys(std::vector<Column> const& keys, std::int64_t rows) {
    std::vector<std::uint32_t> there;
    for (std::int64_t row = 0; row < rows; ++row)
        if (std::none_of(keys.begin(), keys.end(),
                         [&](Column const& key) { return key.is_null(row); }))
            there.push_back(static_cast<std::uint32_t>(row));
    return there;
}

/// The rows of a column, and nulls where `none` stands.
Column take_or_null(Column const& column, std::vector<std::uint32_t> const& rows) {
    if (std::find(rows.begin(), rows.end(), none) == rows.end()) return column.take(rows);
    ColumnBuilder taken = ColumnBuilder::like(column);
    for (std::uint32_t const row : rows) {
        if (row == none)
            taken.append_null();
        else
            taken.append_row(column, row);
    }
    return taken.finish();
}

}  // namespace

JoinPlan::JoinPlan(Schema const& left, Schema const& right,
                   std::vector<std::string> const& left_names,
                   std::vector<std::string> const& right_names, JoinKind its_kind)
    : kind(its_kind),
      left_keys(left.indices_of(left_names)),
      right_keys(right.indices_of(right_names)) {
    check(!left_keys.empty() && left_keys.size() == right_keys.size(),
          "join: expected as many keys on both sides, got {} and {}", left_keys.size(),
          right_keys.size());
    check_keys(left, left_keys, "join");
    check_keys(right, right_keys, "join");
    for (std::size_t i = 0; i < left_keys.size(); ++i) {
        Field const &a = left[left_keys[i]], &b = right[right_keys[i]];
        check(a.type == b.type,
              "join: expected keys of the same type, got '{}', which is {}, and '{}', which is {}",
              a.name, to_string(a.type), b.name, to_string(b.type));
        key_fields.push_back(a);
    }
    std::vector<Field> fields(left.fields().begin(), left.fields().end());
    bool const both = kind == JoinKind::inner || kind == JoinKind::left;
    for (std::int64_t i = 0; both && i < right.size(); ++i) {
        if (std::find(right_keys.begin(), right_keys.end(), i) != right_keys.end()) continue;
        right_columns.push_back(i);
        fields.push_back(right[i]);
        if (left.find(right[i].name)) fields.back().name += "_right";
    }
    result = std::make_shared<Schema const>(std::move(fields));
}

JoinTable::JoinTable(std::shared_ptr<JoinPlan const> plan, Block right)
    : plan_(std::move(plan)), table_(plan_->key_fields) {
    std::vector<std::uint32_t> const there =
        rows_with_keys(columns_of(right, plan_->right_keys), right.rows());
    right_ = static_cast<std::int64_t>(there.size()) == right.rows() ? std::move(right)
                                                                     : right.take(there);
    auto const rows = static_cast<std::size_t>(right_.rows());
    std::vector<Column> const keys = columns_of(right_, plan_->right_keys);
    std::vector<std::uint64_t> hashes(rows);
    std::vector<std::uint32_t> groups(rows);
    hash_rows(keys, right_.rows(), hashes.data());
    table_.find(keys, hashes.data(), right_.rows(), std::int64_t{1} << 60, groups.data());
    starts_.assign(static_cast<std::size_t>(table_.groups()) + 1, 0);
    for (std::uint32_t const group : groups) ++starts_[group + std::size_t{1}];
    for (std::size_t g = 1; g < starts_.size(); ++g) starts_[g] += starts_[g - 1];
    rows_.resize(rows);
    std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (std::size_t row = 0; row < rows; ++row)
        rows_[next[groups[row]]++] = static_cast<std::uint32_t>(row);
}

std::vector<std::uint32_t> JoinTable::groups_of(Block const& left) const {
    auto const rows = static_cast<std::size_t>(left.rows());
    std::vector<Column> const keys = columns_of(left, plan_->left_keys);
    std::vector<std::uint64_t> hashes(rows);
    std::vector<std::uint32_t> groups(rows);
    hash_rows(keys, left.rows(), hashes.data());
    table_.lookup(keys, hashes.data(), left.rows(), groups.data());
    return groups;
}

void JoinTable::probe(Block const& left, BlockSink sink) const {
    if (left.rows() == 0) return;
    std::vector<std::uint32_t> const groups = groups_of(left);
    switch (plan_->kind) {
        case JoinKind::semi:
            return keep_rows(left, groups, true, sink);
        case JoinKind::anti:
            return keep_rows(left, groups, false, sink);
        default:
            return pair_rows(left, groups, sink);
    }
}

void JoinTable::keep_rows(Block const& left, std::vector<std::uint32_t> const& groups,
                          bool partnered, BlockSink sink) const {
    std::vector<std::uint32_t> kept;
    for (std::uint32_t row = 0; row < groups.size(); ++row)
        if ((groups[row] != none) == partnered) kept.push_back(row);
    if (!kept.empty()) sink(left.take(kept));
}

void JoinTable::pair_rows(Block const& left, std::vector<std::uint32_t> const& groups,
                          BlockSink sink) const {
    std::vector<std::uint32_t> left_rows, right_rows;
    left_rows.reserve(groups.size());
    right_rows.reserve(groups.size());
    auto const flush = [&] {
        if (left_rows.empty()) return;
        sink(paired(left, left_rows, right_rows));
        left_rows.clear();
        right_rows.clear();
    };
    for (std::uint32_t row = 0; row < groups.size(); ++row) {
        if (groups[row] == none) {
            if (plan_->kind != JoinKind::left) continue;
            left_rows.push_back(row);
            right_rows.push_back(none);
            continue;
        }
        std::uint32_t const group = groups[row];
        for (std::uint32_t at = starts_[group]; at < starts_[group + std::size_t{1}]; ++at) {
            left_rows.push_back(row);
            right_rows.push_back(rows_[at]);
            if (left_rows.size() >= most_pairs) flush();
        }
    }
    flush();
}

Block JoinTable::paired(Block const& left, std::vector<std::uint32_t> const& left_rows,
                        std::vector<std::uint32_t> const& right_rows) const {
    std::vector<Column> columns;
    for (Column const& column : left.columns()) columns.push_back(column.take(left_rows));
    for (std::int64_t const i : plan_->right_columns)
        columns.push_back(take_or_null(right_.column(i), right_rows));
    return {plan_->result, std::move(columns), static_cast<std::int64_t>(left_rows.size())};
}

}  // namespace partita::frame
