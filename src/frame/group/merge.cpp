#include "frame/group/merge.hpp"

#include "frame/block_codec.hpp"
#include "frame/group/scatter.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace partita::frame {

namespace {

/// Merges what came to a run of partitions. What finds no room in the table waits for another pass;
/// since its keys all appeared later, the order of groups does not depend on the memory.
class GroupMerge {
  public:
    GroupMerge(dataset::Context const& context, GroupPlanRef plan, dataset::PieceStore& results,
               RowRange partitions, std::int64_t all_partitions)
        : context_(context),
          plan_(std::move(plan)),
          first_(partitions.first),
          all_partitions_(all_partitions),
          most_bytes_(context.memory().working_limit() / context.threads()) {
        for (std::int64_t p = partitions.first; p < partitions.last; ++p)
            writers_.emplace_back(results, p, p);
    }

    void run(GroupStores const& stores) {
        std::shared_ptr<GroupStores> later = pass(stores, first_);
        while (later) {
            later->partials.settle({0, 1});
            later->rows.settle({0, 1});
            later = pass(*later, 0);
        }
    }

  private:
    std::shared_ptr<GroupStores> pass(GroupStores const& stores, std::int64_t partition) {
        GroupFold fold(plan_);
        fold.limit_values(most_bytes_ / 2);
        std::shared_ptr<GroupStores> later;
        std::vector<std::uint32_t> left_out;
        auto const keep = [&](dataset::PieceStore GroupStores::*kind, Block const& block,
                              std::int64_t source, std::int64_t sequence) {
            if (left_out.empty()) return;
            if (!later) later = std::make_shared<GroupStores>(context_);
            Block const rest = block.take(left_out);
            std::int64_t const bytes = encoded_bytes(rest);
            dataset::PooledBuffer buffer(context_.memory(), bytes);
            encode(rest, buffer.data());
            dataset::Piece const piece{0, source, sequence, bytes};
            ((*later).*kind).add(std::move(buffer), {&piece, 1});
        };
        stores.partials.for_each_described(partition, [&](auto const& piece, auto bytes) {
            Block const block = decode(plan_->partials, bytes);
            fold.add_partials(block, most_bytes_, left_out);
            keep(&GroupStores::partials, block, piece.source, piece.sequence);
        });
        std::int64_t source = -1, position = 0;
        stores.rows.for_each_described(partition, [&](auto const& piece, auto bytes) {
            Block const block = decode(plan_->rows, bytes);
            if (piece.source != source)
                position = (piece.source << partition_shift) + sent_rows_begin;
            source = piece.source;
            fold.add_rows(block, position, most_bytes_, left_out);
            position += block.rows();
            keep(&GroupStores::rows, block, piece.source, piece.sequence);
        });
        while (!plan_->can_fold && fold.needs_pass())
            stores.rows.for_each_piece(
                partition, [&](auto bytes) { fold.add_again(decode(plan_->rows, bytes)); });
        if (plan_->keys == 0) fold.need_one_group();
        write(fold.take_results());
        return later;
    }

    /// Groups go to their partitions, in their order.
    void write(Block const& all) {
        if (writers_.size() == 1) return write(all, writers_.front());
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(all.rows()));
        hash_rows(all.columns().first(static_cast<std::size_t>(plan_->keys)), all.rows(),
                  hashes.data());
        std::vector<std::uint16_t> of_row;
        of_row.reserve(hashes.size());
        for (std::uint64_t const hash : hashes)
            of_row.push_back(
                static_cast<std::uint16_t>(partition_of(hash, all_partitions_) - first_));
        SortedByLabel const sorted(of_row, std::ssize(writers_));
        Block const by_partition = all.take(sorted.order);
        for (std::size_t p = 0; p < writers_.size(); ++p)
            write(by_partition.slice(sorted.starts[p], sorted.starts[p + 1]), writers_[p]);
    }

    static void write(Block const& groups, StoreWriter& writer) {
        constexpr std::int64_t rows = 1 << 16;
        for (std::int64_t first = 0; first < groups.rows(); first += rows)
            writer.add(groups.slice(first, std::min(first + rows, groups.rows())));
    }

    dataset::Context const& context_;
    GroupPlanRef plan_;
    std::int64_t first_, all_partitions_;  ///< Of the run; of the result.
    std::vector<StoreWriter> writers_;     ///< Of each partition of the run.
    std::int64_t most_bytes_;
};

}  // namespace

void merge_groups(dataset::Context const& context, std::shared_ptr<GroupPlan const> const& plan,
                  GroupStores const& stores, PartitionRuns const& runs,
                  dataset::PieceStore& results) {
    std::vector<RowRange> const& local = runs.local();
    std::vector<std::int64_t> firsts;
    for (RowRange const& run : local) firsts.push_back(run.first);
    context.parallel_for(
        {0, std::ssize(local)},
        [&](std::int64_t i) {
            RowRange const run = local[static_cast<std::size_t>(i)];
            GroupMerge(context, plan, results, run, runs.partitions()).run(stores);
        },
        firsts);
}

}  // namespace partita::frame
