#include "frame/group/fold.hpp"

#include "frame/group/prefetch.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <numeric>

namespace partita::frame {

GroupPlan::GroupPlan(Schema const& input, std::vector<std::string> const& key_names,
                     std::vector<Aggregate> its_aggregates)
    : aggregates(std::move(its_aggregates)), needed(input.indices_of(key_names)) {
    keys = static_cast<std::int64_t>(needed.size());
    check_keys(input, needed, "group_by");
    std::vector<Field> result_fields;
    for (std::int64_t const key : needed) result_fields.push_back(input[key]);
    std::vector<Field> partial_fields = result_fields;
    for (Aggregate const& aggregate : aggregates) {
        result_fields.push_back({aggregate.result_name(), aggregate.result_type(input)});
        auto const types = make_accumulator(aggregate, input)->partial_types();
        if (types.empty()) can_fold = false;
        for (Type const type : types)
            partial_fields.push_back({"state " + std::to_string(partial_fields.size()), type});
        if (aggregate.column.empty()) {
            inputs.push_back(-1);
            continue;
        }
        std::int64_t const column = input.index_of(aggregate.column);
        auto const known = std::find(needed.begin(), needed.end(), column);
        inputs.push_back(known - needed.begin());
        if (known == needed.end()) needed.push_back(column);
    }
    rows = std::make_shared<Schema const>(input.select(needed));
    // Names of states never meet those of columns, which may be anything.
    for (std::int64_t i = 0; i < keys; ++i)
        partial_fields[static_cast<std::size_t>(i)].name = "key " + std::to_string(i);
    partials = std::make_shared<Schema const>(std::move(partial_fields));
    results = std::make_shared<Schema const>(std::move(result_fields));
}

std::vector<std::int64_t> GroupPlan::key_columns() const {
    std::vector<std::int64_t> columns(static_cast<std::size_t>(keys));
    std::iota(columns.begin(), columns.end(), std::int64_t{0});
    return columns;
}

GroupFold::GroupFold(std::shared_ptr<GroupPlan const> plan)
    : plan_(std::move(plan)),
      table_(plan_->rows->fields().first(static_cast<std::size_t>(plan_->keys))) {
    for (Aggregate const& aggregate : plan_->aggregates)
        accumulators_.push_back(make_accumulator(aggregate, *plan_->rows));
}

/// Call take(rows) with rows of the block that have a group, whose numbers are in groups_. Few rows
/// at a time (rows_at_once), so that keys, numbers and values stay in the nearest cache from step
/// to step.
template <class Take>
void GroupFold::find(Block const& all, std::int64_t most_bytes,
                     std::vector<std::uint32_t>& left_out, Take const& take) {
    left_out.clear();
    table_.begin_block();
    for (std::int64_t first = 0; first < all.rows(); first += rows_at_once) {
        std::int64_t const last = std::min(first + rows_at_once, all.rows());
        Block const block = last - first == all.rows() ? all : all.slice(first, last);
        groups_.resize(static_cast<std::size_t>(block.rows()));
        auto const keys = block.columns().first(static_cast<std::size_t>(plan_->keys));
        bool const hashed = table_.needs_hashes();
        hashes_.resize(hashed ? groups_.size() : 0);
        if (hashed) hash_rows(keys, block.rows(), hashes_.data());
        std::int64_t const states = bytes() - table_.bytes();
        bool const found = table_.find(keys, hashed ? hashes_.data() : nullptr, block.rows(),
                                       most_bytes - states, groups_.data());
        for (auto const& accumulator : accumulators_) accumulator->grow(table_.groups());
        if (found)
            take(block, first);
        else
            take(rows_with_groups(block, first, left_out), first);
    }
}

/// The rows that have a group; those of the others go to `left_out`, counted from `first`.
Block GroupFold::rows_with_groups(Block const& block, std::int64_t first,
                                  std::vector<std::uint32_t>& left_out) {
    std::vector<std::uint32_t> taken;
    std::size_t kept = 0;
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
        if (groups_[i] == GroupTable::none) {
            left_out.push_back(static_cast<std::uint32_t>(first) + i);
        } else {
            taken.push_back(i);
            groups_[kept++] = groups_[i];
        }
    }
    if (kept == groups_.size()) return block;
    groups_.resize(kept);
    return block.take(taken);
}

void GroupFold::add_rows(Block const& all, std::int64_t first_position, std::int64_t most_bytes,
                         std::vector<std::uint32_t>& left_out) {
    find(all, most_bytes, left_out, [&](Block const& block, std::int64_t first) {
        for (std::size_t i = 0; i < accumulators_.size(); ++i) {
            std::int64_t const input = plan_->inputs[i];
            accumulators_[i]->update(input < 0 ? nullptr : &block.column(input), groups_.data(),
                                     block.rows(), first_position + first);
        }
    });
}

void GroupFold::add_partials(Block const& all, std::int64_t most_bytes,
                             std::vector<std::uint32_t>& left_out) {
    find(all, most_bytes, left_out, [&](Block const& block, std::int64_t) {
        auto at = static_cast<std::size_t>(plan_->keys);
        for (auto const& accumulator : accumulators_) {
            std::size_t const columns = accumulator->partial_types().size();
            accumulator->merge(block.columns().subspan(at, columns), groups_.data(), block.rows());
            at += columns;
        }
    });
}

void GroupFold::limit_values(std::int64_t bytes) {
    for (auto const& accumulator : accumulators_)
        accumulator->limit_values(bytes / static_cast<std::int64_t>(accumulators_.size()));
}

bool GroupFold::needs_pass() {
    if (unfinished_.empty()) unfinished_.assign(accumulators_.size(), true);
    bool any = false;
    for (std::size_t i = 0; i < accumulators_.size(); ++i) {
        unfinished_[i] = unfinished_[i] && accumulators_[i]->needs_pass();
        any = any || unfinished_[i];
    }
    return any;
}

void GroupFold::add_again(Block const& all) {
    auto const rows = static_cast<std::size_t>(all.rows());
    auto const keys = all.columns().first(static_cast<std::size_t>(plan_->keys));
    hashes_.resize(rows);
    groups_.resize(rows);
    hash_rows(keys, all.rows(), hashes_.data());
    table_.lookup(keys, hashes_.data(), all.rows(), groups_.data());
    std::vector<std::uint32_t> left_out;
    Block const block = rows_with_groups(all, 0, left_out);
    for (std::size_t i = 0; i < accumulators_.size(); ++i)
        if (unfinished_[i])
            accumulators_[i]->update(&block.column(plan_->inputs[i]), groups_.data(), block.rows(),
                                     0);
}

std::int64_t GroupFold::bytes() const {
    std::int64_t bytes = table_.bytes();
    for (auto const& accumulator : accumulators_) bytes += accumulator->bytes();
    return bytes;
}

void GroupFold::need_one_group() {
    if (table_.groups() > 0) return;
    one_group_ = true;
    for (auto const& accumulator : accumulators_) accumulator->grow(1);
}

Block GroupFold::take_partials() {
    std::int64_t const groups = table_.groups();
    std::vector<Column> columns = table_.take_keys();
    for (auto const& accumulator : accumulators_) accumulator->take_partial(columns);
    return {plan_->partials, std::move(columns), groups};
}

Block GroupFold::take_results() {
    std::int64_t const groups = one_group_ ? 1 : table_.groups();
    std::vector<Column> columns = table_.take_keys();
    for (auto const& accumulator : accumulators_) columns.push_back(accumulator->finish());
    return {plan_->results, std::move(columns), groups};
}

}  // namespace partita::frame
