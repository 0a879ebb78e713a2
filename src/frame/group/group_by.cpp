#include "frame/block_codec.hpp"
#include "frame/group/fold.hpp"
#include "frame/group/merge.hpp"
#include "frame/group/partition_runs.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace partita::frame {

namespace {

/// Groups that are folded before they are sent; more than fit the cache are not worth it.
constexpr std::int64_t most_local_groups = 1 << 14;
/// How many rows must become one for the fold to go on.
constexpr std::int64_t worthwhile_fold = 3;

/// The groups of partitions that folded into few wait here until all ranks know how many there are:
/// that decides in which pieces they are sent.
class WaitingGroups {
  public:
    WaitingGroups(dataset::Context const& context, std::int64_t partitions)
        : partitions_(partitions), store_(context) {}

    /// Whether pieces of so many groups would be small.
    bool are_few(std::int64_t groups) const { return groups < 64 * partitions_; }
    /// Once per source. Thread-safe.
    void add(std::int64_t source, Block const& groups) {
        StoreWriter(store_, source, source).add(groups);
        std::lock_guard const lock(mutex_);
        sources_.push_back(source);
        rows_ += groups.rows();
    }
    /// A source did not wait, and sends to partitions. Thread-safe.
    void not_all() { all_ = false; }

    /// Where to send the groups. Collective.
    PartitionRuns agree_on_runs() const {
        dataset::Context const& context = store_.context();
        std::int64_t sums[] = {std::ssize(sources_), rows_, all_ ? 0 : 1};
        context.comm().all_reduce(std::span<std::int64_t>(sums), Reduce::sum);
        bool const all = sums[2] == 0;
        return {context, partitions_,
                all ? PartitionRuns::width_for(partitions_, sums[0], sums[1]) : 1};
    }

    /// Rank-local.
    void send(GroupPlan const& plan, PartitionRuns const& runs, std::int64_t sources,
              dataset::PieceStore& to) {
        auto const run_of_rows = [&](std::span<std::uint64_t const> hashes, std::uint16_t* labels) {
            for (std::size_t i = 0; i < hashes.size(); ++i)
                labels[i] =
                    static_cast<std::uint16_t>(runs.run_of(partition_of(hashes[i], partitions_)));
        };
        store_.settle({0, sources});
        store_.context().parallel_for(
            {0, std::ssize(sources_)},
            [&](std::int64_t i) {
                std::int64_t const source = sources_[static_cast<std::size_t>(i)];
                Scatter scatter(to, plan.partials, plan.key_columns(), source, partitions_,
                                run_of_rows);
                for_each_block_in(store_, source, plan.partials,
                                  [&](Block const& block) { scatter.add(block); });
                scatter.finish();
            },
            sources_);
    }

  private:
    std::int64_t partitions_;
    dataset::PieceStore store_;
    std::mutex mutex_;
    std::vector<std::int64_t> sources_;
    std::int64_t rows_ = 0;
    std::atomic<bool> all_ = true;
};

/// Folds or sends the rows of one partition.
class MapSide {
  public:
    MapSide(GroupPlanRef plan, GroupStores& stores, WaitingGroups& waiting, std::int64_t source,
            std::int64_t partitions)
        : plan_(std::move(plan)),
          waiting_(waiting),
          source_(source),
          fold_(plan_),
          folds_(plan_->can_fold),
          partials_(stores.partials, plan_->partials, plan_->key_columns(), source, partitions),
          rows_(stores.rows, plan_->rows, plan_->key_columns(), source, partitions),
          position_(source << partition_shift) {}

    /// Asks whether folding is worthwhile at the same rows whatever blocks the partition comes in,
    /// since that decides in which order floats are added up.
    void add(Block const& block) {
        for (std::int64_t first = 0; first < block.rows();) {
            if (!folds_) return rows_.add(first == 0 ? block : block.slice(first, block.rows()));
            std::int64_t const last =
                std::min(block.rows(), first + rows_between - seen_rows_ % rows_between);
            fold_.add_rows(first == 0 && last == block.rows() ? block : block.slice(first, last),
                           position_, unlimited, left_out_);
            position_ += last - first;
            seen_rows_ += last - first;
            folded_rows_ += last - first;
            if (seen_rows_ % rows_between == 0 && fold_.groups() > most_local_groups) flush();
            first = last;
        }
    }
    void finish() {
        if (folds_ && !sent_ && waiting_.are_few(fold_.groups())) {
            if (fold_.groups() > 0) waiting_.add(source_, fold_.take_partials());
            return;
        }
        waiting_.not_all();
        flush();
        partials_.finish();
        rows_.finish();
    }

  private:
    static constexpr std::int64_t unlimited = std::int64_t{1} << 60;
    static constexpr std::int64_t rows_between = 1 << 14;

    void flush() {
        if (fold_.groups() == 0) return;
        folds_ = folded_rows_ >= worthwhile_fold * fold_.groups();
        folded_rows_ = 0;
        sent_ = true;
        partials_.add(fold_.take_partials());
    }

    GroupPlanRef plan_;
    WaitingGroups& waiting_;
    std::int64_t source_;
    GroupFold fold_;
    bool folds_, sent_ = false;
    Scatter partials_, rows_;
    std::int64_t position_, folded_rows_ = 0, seen_rows_ = 0;
    std::vector<std::uint32_t> left_out_;
};

std::shared_ptr<dataset::PieceStore> run_group_by(Table const& table, GroupPlanRef const& plan,
                                                  std::int64_t partitions) {
    dataset::Context const& context = table.context();
    GroupStores stores(context);
    auto waiting = std::make_unique<WaitingGroups>(context, partitions);
    run_partitions(table.plan(), "group_by", [&](std::int64_t source) {
        MapSide side(plan, stores, *waiting, source, partitions);
        table.source()->run(source, [&](Block const& block) { side.add(block); });
        side.finish();
    });
    PartitionRuns const runs = waiting->agree_on_runs();
    collectively(context.comm(), "group_by", [&] {
        waiting->send(*plan, runs, table.num_partitions(), stores.partials);
        waiting.reset();
    });
    stores.partials.exchange(partitions, "group_by");
    stores.rows.exchange(partitions, "group_by");
    auto results = std::make_shared<dataset::PieceStore>(context);
    collectively(context.comm(), "group_by", [&] {
        merge_groups(context, plan, stores, runs, *results);
        results->settle(context.local_partitions(partitions));
    });
    return results;
}

}  // namespace

GroupedTable::GroupedTable(Table table, std::vector<std::string> keys)
    : table_(std::move(table)), keys_(std::move(keys)) {
    table_.schema().indices_of(keys_);
}

Table GroupedTable::agg(std::vector<Aggregate> const& aggregates) const {
    auto const plan = std::make_shared<GroupPlan const>(table_.schema(), keys_, aggregates);
    std::int64_t const partitions = keys_.empty() ? 1 : wide_partitions(table_.num_partitions());
    Table const narrower = table_.select(plan->rows->names());
    return stored_table(
        narrower.plan(), "group_by", {partitions}, plan->results,
        [narrower, plan, partitions] { return run_group_by(narrower, plan, partitions); });
}

}  // namespace partita::frame
