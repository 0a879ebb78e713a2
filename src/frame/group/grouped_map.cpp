#include "partita/frame/grouped_map.hpp"

#include "frame/block_codec.hpp"
#include "frame/group/bucket_labels.hpp"
#include "frame/group/key_text.hpp"
#include "frame/group/keys.hpp"
#include "frame/group/scatter.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <bit>
#include <mutex>
#include <numeric>

namespace partita::frame {

namespace {

using Store = std::shared_ptr<dataset::PieceStore const>;

/// What all steps of a grouped map share.
struct MapPlan {
    std::vector<std::int64_t> keys;
    std::vector<Field> key_fields;
    std::shared_ptr<Schema const> rows, output;
    GroupFunction fn;
};
using MapPlanRef = std::shared_ptr<MapPlan const>;

std::string group_name(MapPlan const& plan, Block const& block, std::int64_t row) {
    return plan.keys.empty() ? "the group of all rows"
                             : "the group " + key_text(block, row, plan.keys);
}

std::vector<std::uint64_t> hashes_of(MapPlan const& plan, Block const& block) {
    std::vector<Column> keys;
    for (std::int64_t const key : plan.keys) keys.push_back(block.column(key));
    std::vector<std::uint64_t> hashes(static_cast<std::size_t>(block.rows()));
    hash_rows(keys, block.rows(), hashes.data());
    return hashes;
}

/// Calls fn for groups and keeps what it returns, a few blocks at a time.
class Caller {
  public:
    Caller(MapPlanRef plan, dataset::PieceStore& results, std::int64_t unit, std::int64_t partition)
        : plan_(std::move(plan)), writer_(results, unit, partition) {}

    void call(Block const& group) {
        Block made = result_of(group);
        bytes_ += made.bytes();
        waiting_.push_back(std::move(made));
        constexpr std::int64_t enough_bytes = 256 << 10;
        constexpr std::size_t enough_blocks = 4096;
        if (bytes_ >= enough_bytes || waiting_.size() >= enough_blocks) finish();
    }
    void finish() {
        if (!waiting_.empty()) writer_.add(concatenate(plan_->output, waiting_));
        waiting_.clear();
        bytes_ = 0;
    }

  private:
    Block result_of(Block const& group) const {
        try {
            Block made = plan_->fn(group);
            if (!(made.schema() == *plan_->output))
                fail("expected a result with columns {}, got {}", plan_->output->to_text(),
                     made.schema().size() > 0 ? made.schema().to_text() : "none");
            return made;
        } catch (std::bad_alloc const&) {
            fail("{}: the function ran out of memory", group_name(*plan_, group, 0));
        } catch (std::exception const& error) {
            fail("{}: {}", group_name(*plan_, group, 0), error.what());
        } catch (...) {
            fail("{}: the function threw something that is no std::exception",
                 group_name(*plan_, group, 0));
        }
    }

    MapPlanRef plan_;
    StoreWriter writer_;
    std::vector<Block> waiting_;
    std::int64_t bytes_ = 0;
};

/// A group that is too large for a thread's share of the memory.
struct LargeGroup {
    std::int64_t partition, unit;
    Store store;
    std::int64_t part;  ///< Where it lies in the store.
};

/// Calls fn for the groups of this rank's partitions, in the order of their hashes, whatever the
/// memory: a partition that does not fit is split by the next bits of the hashes.
class GroupedMap {
  public:
    GroupedMap(dataset::Context const& context, MapPlanRef plan, dataset::PieceStore& results)
        : context_(context),
          plan_(std::move(plan)),
          results_(results),
          // Rows are held as blocks and as one, then as one and sorted.
          most_bytes_(context.memory().working_limit() / context.threads() / 3) {}

    void run_partition(Store const& store, std::int64_t partition, std::int64_t partitions) {
        std::int64_t units = 0;
        split(store, partition, std::bit_width(static_cast<std::uint64_t>(partitions)) - 1,
              partition, units);
    }
    /// What finds room only when it is alone.
    void run_large_groups() {
        std::sort(large_.begin(), large_.end(), [](LargeGroup const& a, LargeGroup const& b) {
            return std::pair(a.partition, a.unit) < std::pair(b.partition, b.unit);
        });
        for (LargeGroup const& group : large_)
            run_groups(*group.store, group.part, group.unit, group.partition);
    }

  private:
    /// The groups of a part of a store, whose hashes have their first `bits` bits in common.
    /// `units` numbers what is written, in the order of hashes.
    void split(Store const& store, std::int64_t part, int bits, std::int64_t partition,
               std::int64_t& units) {
        std::int64_t const bytes = store->partition_bytes(part);
        if (bytes <= most_bytes_) return run_groups(*store, part, units++, partition);
        if (is_one_group(*store, part)) {
            check_size(*store, part, bytes);
            std::lock_guard const lock(mutex_);
            large_.push_back({partition, units++, store, part});
            return;
        }
        constexpr std::int64_t most_parts = 256;
        auto const parts = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(
            std::clamp<std::int64_t>(2 * bytes / most_bytes_, 2, most_parts))));
        auto const finer = std::make_shared<dataset::PieceStore>(context_);
        Scatter scatter(
            *finer, plan_->rows, plan_->keys, 0, parts,
            [=](std::span<std::uint64_t const> hashes, std::uint16_t* labels) {
                for (std::size_t i = 0; i < hashes.size(); ++i)
                    labels[i] = static_cast<std::uint16_t>(partition_of(hashes[i] << bits, parts));
            });
        for_each_block_in(*store, part, plan_->rows,
                          [&](Block const& block) { scatter.add(block); });
        scatter.finish();
        finer->settle({0, parts});
        for (std::int64_t finer_part = 0; finer_part < parts; ++finer_part)
            split(finer, finer_part, bits + std::bit_width(static_cast<std::uint64_t>(parts)) - 1,
                  partition, units);
    }

    bool is_one_group(dataset::PieceStore const& store, std::int64_t part) const {
        std::uint64_t first = 0;
        bool any = false, one = true;
        for_each_block_in(store, part, plan_->rows, [&](Block const& block) {
            if (!one) return;
            for (std::uint64_t const hash : hashes_of(*plan_, block)) {
                if (!std::exchange(any, true)) first = hash;
                one = one && hash == first;
            }
        });
        return one;
    }

    void check_size(dataset::PieceStore const& store, std::int64_t part, std::int64_t bytes) const {
        std::int64_t const most = context_.memory().working_limit();
        if (bytes <= most) return;
        for_each_block_in(store, part, plan_->rows, [&](Block const& block) {
            fail(
                "{} takes {}, and at most {}, a quarter of the memory, can be given to one: give "
                "more memory, or leave out columns",
                group_name(*plan_, block, 0), format_bytes(static_cast<double>(bytes)),
                format_bytes(static_cast<double>(most)));
        });
    }

    Block all_rows(dataset::PieceStore const& store, std::int64_t part) const {
        std::vector<Block> blocks;
        for_each_block_in(store, part, plan_->rows,
                          [&](Block const& block) { blocks.push_back(block.owned()); });
        return concatenate(plan_->rows, blocks);
    }

    void run_groups(dataset::PieceStore const& store, std::int64_t part, std::int64_t unit,
                    std::int64_t partition) {
        Block rows = all_rows(store, part);
        if (rows.rows() == 0) return;
        Caller caller(plan_, results_, unit, partition);
        std::vector<std::int64_t> const starts = sort_by_group(rows);
        for (std::size_t g = 0; g + 1 < starts.size(); ++g)
            caller.call(rows.slice(starts[g], starts[g + 1]));
        caller.finish();
    }

    /// Bring the rows of each group together, groups in the order of their hashes and then of their
    /// first rows. Returns where groups begin, and where the last one ends.
    std::vector<std::int64_t> sort_by_group(Block& rows) const {
        if (plan_->keys.empty()) return {0, rows.rows()};
        std::vector<std::uint64_t> const hashes = hashes_of(*plan_, rows);
        std::vector<std::uint32_t> group_of(hashes.size());
        std::vector<Column> keys;
        for (std::int64_t const key : plan_->keys) keys.push_back(rows.column(key));
        GroupTable table(plan_->key_fields);
        table.find(keys, hashes.data(), rows.rows(), std::int64_t{1} << 60, group_of.data());
        auto const groups = static_cast<std::size_t>(table.groups());
        std::vector<std::uint64_t> hash_of(groups);
        std::vector<std::int64_t> counts(groups, 0);
        for (std::size_t row = 0; row < group_of.size(); ++row) {
            hash_of[group_of[row]] = hashes[row];
            ++counts[group_of[row]];
        }
        std::vector<std::uint32_t> by_hash(groups);
        std::iota(by_hash.begin(), by_hash.end(), 0u);
        std::stable_sort(by_hash.begin(), by_hash.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return hash_of[a] < hash_of[b]; });
        std::vector<std::int64_t> starts{0}, next(groups);
        for (std::uint32_t const group : by_hash) {
            next[group] = starts.back();
            starts.push_back(starts.back() + counts[group]);
        }
        if (groups == 1) return starts;
        std::vector<std::uint32_t> order(group_of.size());
        for (std::size_t row = 0; row < group_of.size(); ++row)
            order[static_cast<std::size_t>(next[group_of[row]]++)] =
                static_cast<std::uint32_t>(row);
        rows = rows.take(order);
        return starts;
    }

    dataset::Context const& context_;
    MapPlanRef plan_;
    dataset::PieceStore& results_;
    std::int64_t most_bytes_;
    std::mutex mutex_;
    std::vector<LargeGroup> large_;
};

std::shared_ptr<dataset::PieceStore> run_grouped_map(Table const& table, MapPlanRef const& plan,
                                                     std::int64_t partitions) {
    dataset::Context const& context = table.context();
    auto const rows = std::make_shared<dataset::PieceStore>(context);
    BucketLabels labels(partitions);
    run_partitions(table.plan(), "apply_in_groups", [&](std::int64_t source) {
        Scatter scatter(*rows, plan->rows, plan->keys, source, labels.labels(),
                        [&](auto hashes, auto* of_rows) { labels.label(hashes, of_rows); });
        table.source()->run(source, [&](Block const& block) { scatter.add(block); });
        scatter.finish();
    });
    labels.agree(context.comm());
    rows->rename_partitions([&](std::int64_t label) { return labels.partition(label); });
    rows->exchange(partitions, "apply_in_groups");
    auto results = std::make_shared<dataset::PieceStore>(context);
    collectively(context.comm(), "apply_in_groups", [&] {
        GroupedMap map(context, plan, *results);
        RowRange const local = context.local_partitions(partitions);
        context.parallel_for(
            local, [&](std::int64_t partition) { map.run_partition(rows, partition, partitions); });
        map.run_large_groups();
        results->settle(local);
    });
    return results;
}

}  // namespace

Table apply_in_groups(Table const& table, std::vector<std::string> const& keys, Schema output,
                      GroupFunction fn) {
    MapPlan plan{table.schema().indices_of(keys),
                 {},
                 table.shared_schema(),
                 std::make_shared<Schema const>(std::move(output)),
                 std::move(fn)};
    check_keys(table.schema(), plan.keys, "apply_in_groups");
    for (std::int64_t const key : plan.keys) plan.key_fields.push_back(table.schema()[key]);
    auto const shared = std::make_shared<MapPlan const>(std::move(plan));
    std::int64_t const partitions = wide_partitions(table.num_partitions());
    return stored_table(
        table.plan(), "apply_in_groups", {partitions}, shared->output,
        [table, shared, partitions] { return run_grouped_map(table, shared, partitions); });
}

}  // namespace partita::frame
