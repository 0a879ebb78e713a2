#include "frame/join/join_table.hpp"

#include "partita/core/error.hpp"

namespace partita::frame {

namespace {

/// How many rows a block of pairs has at most.
constexpr std::size_t most_pairs = 1 << 15;

/// Rows without partners are passed over by as many at a time.
constexpr std::uint32_t some_rows = 16;

bool none_has_group(std::uint32_t const* groups) {
    std::uint32_t all = GroupTable::none;
    for (std::uint32_t i = 0; i < some_rows; ++i) all &= groups[i];
    return all == GroupTable::none;
}

}  // namespace

Block with_null_row(Block const& block) {
    std::vector<Column> columns;
    for (Column const& column : block.columns()) {
        ColumnBuilder longer = ColumnBuilder::like(column);
        longer.reserve(column.size() + 1);
        longer.append_rows(column, 0, column.size());
        longer.append_null();
        columns.push_back(longer.finish());
    }
    return {block.shared_schema(), std::move(columns), block.rows() + 1};
}

JoinTable::JoinTable(JoinPlanRef plan, Block right) : plan_(std::move(plan)) {
    std::vector<std::uint32_t> const there =
        rows_with_keys(plan_->right_keys_of(right), right.rows());
    auto const rows = there.size();
    check(rows < none, "join: expected at most {} right rows in one part, got {}", none, rows);
    right_ = static_cast<std::int64_t>(rows) == right.rows() ? std::move(right) : right.take(there);
    null_row_ = static_cast<std::uint32_t>(rows);
    std::vector<std::uint32_t> groups(rows);
    lookup_ = make_key_lookup(plan_->key_fields, plan_->right_keys_of(right_), right_.rows(),
                              groups.data());
    if (plan_->kind == JoinKind::left) right_ = with_null_row(right_);
    if (lookup_->groups() == static_cast<std::int64_t>(rows)) return;
    starts_.assign(static_cast<std::size_t>(lookup_->groups()) + 1, 0);
    for (std::uint32_t const group : groups) ++starts_[group + std::size_t{1}];
    for (std::size_t g = 1; g < starts_.size(); ++g) starts_[g] += starts_[g - 1];
    rows_.resize(rows);
    std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (std::size_t row = 0; row < rows; ++row)
        rows_[next[groups[row]]++] = static_cast<std::uint32_t>(row);
}

void JoinTable::pair_rows(std::vector<Column> const& keys, std::int64_t rows, Pairs pairs) const {
    std::vector<std::uint32_t> groups(static_cast<std::size_t>(rows));
    lookup_->find(keys, rows, groups.data());
    pair_groups(groups, false, pairs);
}

void JoinTable::probe(Block const& left, BlockSink sink) const {
    if (left.rows() == 0) return;
    std::vector<std::uint32_t> groups(static_cast<std::size_t>(left.rows()));
    lookup_->find(plan_->left_keys_of(left), left.rows(), groups.data());
    if (!plan_->pairs()) return keep_rows(left, groups, sink);
    pair_groups(groups, plan_->kind == JoinKind::left, [&](auto left_rows, auto right_rows) {
        std::vector<Column> columns;
        for (Column const& column : left.columns()) columns.push_back(column.take(left_rows));
        for (Column const& column : plan_->right_columns_of(right_))
            columns.push_back(column.take(right_rows));
        sink(Block(plan_->result, std::move(columns), static_cast<std::int64_t>(left_rows.size())));
    });
}

void JoinTable::keep_rows(Block const& left, std::vector<std::uint32_t> const& groups,
                          BlockSink sink) const {
    bool const partnered = plan_->kind == JoinKind::semi;
    std::vector<std::uint32_t> kept;
    for (std::uint32_t row = 0; row < groups.size(); ++row)
        if ((groups[row] != none) == partnered) kept.push_back(row);
    if (!kept.empty()) sink(left.take(kept));
}

void JoinTable::pair_groups(std::span<std::uint32_t const> groups, bool without_partner,
                            Pairs pairs) const {
    std::size_t const room = std::min(groups.size(), most_pairs) + 1;
    std::vector<std::uint32_t> left_rows(room), right_rows(room);
    std::size_t count = 0;
    auto const flush = [&] {
        if (count > 0) pairs(std::span(left_rows).first(count), std::span(right_rows).first(count));
        count = 0;
    };
    for (std::uint32_t row = 0; row < groups.size(); ++row) {
        if (!without_partner && row + some_rows <= groups.size() && none_has_group(&groups[row])) {
            row += some_rows - 1;
            continue;
        }
        std::uint32_t const group = groups[row];
        if (starts_.empty() || group == none || !plan_->pairs()) {
            // Written in any case, and kept if wanted: most rows have no partner, or all have.
            left_rows[count] = row;
            right_rows[count] = group == none ? null_row_ : group;
            count += group != none || without_partner;
            if (count + 1 == room) flush();
            continue;
        }
        for (std::uint32_t at = starts_[group]; at < starts_[group + std::size_t{1}]; ++at) {
            left_rows[count] = row;
            right_rows[count++] = rows_[at];
            if (count + 1 == room) flush();
        }
    }
    flush();
}

}  // namespace partita::frame
