#include "frame/block_codec.hpp"
#include "frame/group/fold.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

using PlanRef = std::shared_ptr<GroupPlan const>;

/// Orders rows over the table: by partition, then by place in it. What a partition sends row by row
/// comes behind what it folded.
constexpr int partition_shift = 40;
constexpr std::int64_t sent_rows_begin = std::int64_t{1} << 39;

/// Groups that are folded before they are sent; more than fit the cache are not worth it.
constexpr std::int64_t most_local_groups = 1 << 14;
/// How many rows must become one for the fold to go on.
constexpr std::int64_t worthwhile_fold = 3;

/// The two kinds of what is sent.
struct GroupStores {
    explicit GroupStores(dataset::Context const& context) : partials(context), rows(context) {}
    dataset::PieceStore partials, rows;
};

/// Folds or sends the rows of one partition.
class MapSide {
  public:
    MapSide(PlanRef plan, GroupStores& stores, std::int64_t source, std::int64_t partitions)
        : plan_(std::move(plan)),
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
        partials_.add(fold_.take_partials());
    }

    PlanRef plan_;
    GroupFold fold_;
    bool folds_;
    Scatter partials_, rows_;
    std::int64_t position_, folded_rows_ = 0, seen_rows_ = 0;
    std::vector<std::uint32_t> left_out_;
};

/// Merges what came to one partition. What finds no room in the table waits for another pass; since
/// its keys all appeared later, the order of groups does not depend on the memory.
class Merge {
  public:
    Merge(dataset::Context const& context, PlanRef plan, dataset::PieceStore& results,
          std::int64_t partition)
        : context_(context),
          plan_(std::move(plan)),
          writer_(results, partition, partition),
          most_bytes_(context.memory().working_limit() / context.threads()) {}

    void run(GroupStores const& stores, std::int64_t partition) {
        std::shared_ptr<GroupStores> later = pass(stores, partition);
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

    void write(Block const& all) {
        constexpr std::int64_t rows = 1 << 16;
        for (std::int64_t first = 0; first < all.rows(); first += rows)
            writer_.add(all.slice(first, std::min(first + rows, all.rows())));
    }

    dataset::Context const& context_;
    PlanRef plan_;
    StoreWriter writer_;
    std::int64_t most_bytes_;
};

std::shared_ptr<dataset::PieceStore> run_group_by(Table const& table, PlanRef const& plan,
                                                  std::int64_t partitions) {
    dataset::Context const& context = table.context();
    GroupStores stores(context);
    run_partitions(table.plan(), "group_by", [&](std::int64_t source) {
        MapSide side(plan, stores, source, partitions);
        table.source()->run(source, [&](Block const& block) { side.add(block); });
        side.finish();
    });
    stores.partials.exchange(partitions, "group_by");
    stores.rows.exchange(partitions, "group_by");
    auto results = std::make_shared<dataset::PieceStore>(context);
    collectively(context.comm(), "group_by", [&] {
        RowRange const local = context.local_partitions(partitions);
        context.parallel_for(local, [&](std::int64_t partition) {
            Merge(context, plan, *results, partition).run(stores, partition);
        });
        results->settle(local);
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
