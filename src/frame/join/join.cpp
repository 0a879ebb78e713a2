#include "frame/block_codec.hpp"
#include "frame/join/join_table.hpp"
#include "frame/join/key_filter.hpp"
#include "frame/join/shuffled_join.hpp"
#include "frame/narrow.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <atomic>

namespace partita::frame {

namespace {

std::int64_t bytes_of(Table const& table) {
    std::atomic<std::int64_t> bytes = 0;
    table.for_each_block("join",
                         [&](std::int64_t, Block const& block) { bytes += encoded_bytes(block); });
    return table.context().comm().all_reduce(bytes.load(), Reduce::sum);
}

/// The small right table on all ranks; the left rows stay where they are.
Table broadcast_join(Table const& left, Table const& right, JoinPlanRef const& plan) {
    Block all = right.collect();
    auto const table = collectively(left.context().comm(), "join", [&] {
        return std::make_shared<JoinTable const>(plan, std::move(all));
    });
    return narrow(
        left, "join", plan->result,
        [table](std::int64_t, Block const& block, BlockSink sink) { table->probe(block, sink); },
        false);
}

/// The table, kept where it is; its partitions in one run, as those of results are.
Table kept_in_one_run(Table const& table) {
    if (table.plan().runs.size() == 1) return is_stored(table) ? table : table.cache();
    std::int64_t const partitions = table.num_partitions();
    return stored_table(table.plan(), "join", {partitions}, table.shared_schema(), [=] {
        auto store = blocks_of(table, "join");
        store->exchange(partitions, "join");
        return store;
    });
}

/// The right rows that may have partners.
Table filtered(Table const& right, JoinPlanRef const& plan,
               std::shared_ptr<KeyFilter const> const& filter) {
    return narrow(
        right, "join", plan->right,
        [=](std::int64_t, Block const& block, BlockSink sink) {
            auto const rows = filter->rows_of(plan->right_keys_of(block), block.rows());
            if (!rows.empty()) sink(block.take(rows));
        },
        false);
}

/// What these rows take, about.
std::int64_t filtered_bytes(Table const& right, JoinPlan const& plan, KeyFilter const& filter) {
    std::atomic<std::int64_t> bytes = 0;
    right.for_each_block("join", [&](std::int64_t, Block const& block) {
        if (block.rows() == 0) return;
        auto const kept = filter.rows_of(plan.right_keys_of(block), block.rows()).size();
        bytes += static_cast<std::int64_t>(static_cast<double>(block.bytes()) *
                                           static_cast<double>(kept) /
                                           static_cast<double>(block.rows()));
    });
    return right.context().comm().all_reduce(bytes.load(), Reduce::sum);
}

/// @param most_bytes  Of right rows, to be copied to all ranks.
std::shared_ptr<dataset::PieceStore const> run_join(Table const& unkept_left, Table const& right,
                                                    JoinPlanRef const& plan,
                                                    std::int64_t most_bytes) {
    Table const left = kept_in_one_run(unkept_left);
    auto const filter = std::make_shared<KeyFilter const>(KeyFilter::of_left(left, *plan));
    if (filtered_bytes(right, *plan, *filter) > most_bytes)
        return shuffled_join(left, right, plan, *filter);
    Table const wanted = filtered(right, plan, filter).cache();
    if (bytes_of(wanted) > most_bytes) return shuffled_join(left, wanted, plan, *filter);
    return keep_blocks(broadcast_join(left, wanted, plan), "join");
}

}  // namespace

Table join(Table const& left, Table const& right, std::vector<std::string> const& left_keys,
           std::vector<std::string> const& right_keys, JoinOptions const& options) {
    auto const plan = std::make_shared<JoinPlan const>(left.schema(), right.schema(), left_keys,
                                                       right_keys, options.kind);
    Table const needed = right.select(plan->right_names);
    Table const kept = is_stored(right) ? needed : needed.cache();
    std::int64_t const most =
        std::min(options.broadcast_bytes, left.context().memory().exchange_limit());
    if (bytes_of(kept) <= most) return broadcast_join(left, kept, plan);
    return stored_table(left.plan(), "join", {left.num_partitions()}, plan->result,
                        [=] { return run_join(left, kept, plan, most); });
}

}  // namespace partita::frame
