#include "frame/block_codec.hpp"
#include "frame/group/scatter.hpp"
#include "frame/join/join_plan.hpp"
#include "frame/narrow.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <atomic>

namespace partita::frame {

namespace {

using PlanRef = std::shared_ptr<JoinPlan const>;

std::int64_t bytes_of(Table const& table) {
    std::atomic<std::int64_t> bytes = 0;
    table.for_each_block("join",
                         [&](std::int64_t, Block const& block) { bytes += encoded_bytes(block); });
    return table.context().comm().all_reduce(bytes.load(), Reduce::sum);
}

/// The small right table on all ranks; the left rows stay where they are.
Table broadcast_join(Table const& left, Table const& right, PlanRef const& plan) {
    Block all = right.collect();
    auto const table = collectively(left.context().comm(), "join", [&] {
        return std::make_shared<JoinTable const>(plan, std::move(all));
    });
    return narrow(
        left, "join", plan->result,
        [table](std::int64_t, Block const& block, BlockSink sink) { table->probe(block, sink); },
        false);
}

void scatter(Table const& table, std::vector<std::int64_t> const& keys, std::int64_t partitions,
             dataset::PieceStore& store) {
    run_partitions(table.plan(), "join", [&](std::int64_t source) {
        Scatter rows(store, table.shared_schema(), keys, source, partitions);
        table.source()->run(source, [&](Block const& block) { rows.add(block); });
        rows.finish();
    });
    store.exchange(partitions, "join");
}

/// The rows of a block that belong to one of several parts, by a hash that partitions do not use.
std::vector<std::uint32_t> rows_of_part(Block const& block, std::vector<std::int64_t> const& keys,
                                        std::int64_t parts, std::int64_t part) {
    std::vector<Column> columns;
    for (std::int64_t const key : keys) columns.push_back(block.column(key));
    std::vector<std::uint64_t> hashes(static_cast<std::size_t>(block.rows()));
    hash_rows(columns, block.rows(), hashes.data());
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < hashes.size(); ++row)
        if (partition_of(mix64(hashes[row]), parts) == part) rows.push_back(row);
    return rows;
}

/// Joins what came to one partition; in parts when the right rows are too many for the memory.
class PartitionJoin {
  public:
    PartitionJoin(PlanRef plan, Table const& left, Table const& right,
                  dataset::PieceStore const& left_rows, dataset::PieceStore const& right_rows,
                  std::int64_t partition)
        : plan_(std::move(plan)),
          left_(left),
          right_(right),
          left_rows_(left_rows),
          right_rows_(right_rows),
          partition_(partition),
          // Right rows are held as pieces of blocks and as one, beside the table of keys.
          most_bytes_(left.context().memory().working_limit() / left.context().threads() / 3) {}

    void run(dataset::PieceStore& results) const {
        StoreWriter writer(results, partition_, partition_);
        std::int64_t const bytes = right_rows_.partition_bytes(partition_);
        std::int64_t const parts = bytes <= most_bytes_ ? 1 : 2 * bytes / most_bytes_ + 1;
        for (std::int64_t part = 0; part < parts; ++part) {
            JoinTable const table(plan_, right_part(parts, part));
            for_each_block_in(
                left_rows_, partition_, left_.shared_schema(), [&](Block const& block) {
                    auto const add = [&](Block const& joined) { writer.add(joined); };
                    if (parts == 1) return table.probe(block, add);
                    table.probe(block.take(rows_of_part(block, plan_->left_keys, parts, part)),
                                add);
                });
        }
    }

  private:
    Block right_part(std::int64_t parts, std::int64_t part) const {
        std::vector<Block> blocks;
        std::int64_t bytes = 0;
        for_each_block_in(right_rows_, partition_, right_.shared_schema(), [&](Block const& block) {
            blocks.push_back(parts == 1
                                 ? block.owned()
                                 : block.take(rows_of_part(block, plan_->right_keys, parts, part)));
            bytes += blocks.back().bytes();
            check(parts == 1 || bytes <= 2 * most_bytes_,
                  "the right rows of few keys take more than {}: give more memory, or swap the "
                  "tables",
                  format_bytes(static_cast<double>(2 * most_bytes_)));
        });
        return concatenate(right_.shared_schema(), blocks);
    }

    PlanRef plan_;
    Table const &left_, &right_;
    dataset::PieceStore const &left_rows_, &right_rows_;
    std::int64_t partition_, most_bytes_;
};

std::shared_ptr<dataset::PieceStore> run_join(Table const& left, Table const& right,
                                              PlanRef const& plan, std::int64_t partitions) {
    dataset::Context const& context = left.context();
    dataset::PieceStore left_rows(context), right_rows(context);
    scatter(left, plan->left_keys, partitions, left_rows);
    scatter(right, plan->right_keys, partitions, right_rows);
    auto results = std::make_shared<dataset::PieceStore>(context);
    collectively(context.comm(), "join", [&] {
        RowRange const local = context.local_partitions(partitions);
        context.parallel_for(local, [&](std::int64_t partition) {
            PartitionJoin(plan, left, right, left_rows, right_rows, partition).run(*results);
        });
        results->settle(local);
    });
    return results;
}

}  // namespace

Table join(Table const& left, Table const& right, std::vector<std::string> const& left_keys,
           std::vector<std::string> const& right_keys, JoinOptions const& options) {
    auto const plan = std::make_shared<JoinPlan const>(left.schema(), right.schema(), left_keys,
                                                       right_keys, options.kind);
    Table const kept = right.cache();
    std::int64_t const most =
        std::min(options.broadcast_bytes, left.context().memory().exchange_limit());
    if (bytes_of(kept) <= most) return broadcast_join(left, kept, plan);
    std::int64_t const partitions =
        wide_partitions(std::max(left.num_partitions(), right.num_partitions()));
    return stored_table(
        left.plan(), "join", {partitions}, plan->result,
        [left, kept, plan, partitions] { return run_join(left, kept, plan, partitions); });
}

}  // namespace partita::frame
