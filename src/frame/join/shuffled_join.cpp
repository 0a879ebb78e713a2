#include "frame/join/shuffled_join.hpp"

#include "frame/block_codec.hpp"
#include "frame/group/scatter.hpp"
#include "frame/join/join_table.hpp"
#include "frame/join/match_merge.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace partita::frame {

namespace {

/// Send the keys of left rows, with the rows' places in their partitions.
void scatter_left(Table const& left, JoinPlan const& plan, std::int64_t partitions,
                  dataset::PieceStore& store) {
    std::vector<std::int64_t> key_columns(plan.left_keys.size());
    std::iota(key_columns.begin(), key_columns.end(), std::int64_t{0});
    run_partitions(left.plan(), "join", [&](std::int64_t source) {
        Scatter scatter(store, plan.key_rows, key_columns, source, partitions);
        std::int64_t place = 0;
        left.source()->run(source, [&](Block const& block) {
            std::vector<Column> columns = plan.left_keys_of(block);
            std::vector<std::uint32_t> const there = rows_with_keys(columns, block.rows());
            auto const places = make_array<std::int64_t>(block.rows());
            std::iota(places->data(), places->data() + block.rows(), place);
            place += block.rows();
            columns.emplace_back(Type::int64, block.rows(), places->data(), nullptr, places);
            Block const rows(plan.key_rows, std::move(columns), block.rows());
            bool const all = static_cast<std::int64_t>(there.size()) == block.rows();
            scatter.add(all ? rows : rows.take(there));
        });
        scatter.finish();
    });
    store.exchange(partitions, "join");
}

void scatter_right(Table const& right, JoinPlan const& plan, KeyFilter const& filter,
                   std::int64_t partitions, dataset::PieceStore& store) {
    run_partitions(right.plan(), "join", [&](std::int64_t source) {
        Scatter scatter(store, plan.right, plan.right_keys, source, partitions);
        right.source()->run(source, [&](Block const& block) {
            auto const wanted = filter.rows_of(plan.right_keys_of(block), block.rows());
            bool const all = static_cast<std::int64_t>(wanted.size()) == block.rows();
            scatter.add(all ? block : block.take(wanted));
        });
        scatter.finish();
    });
    store.exchange(partitions, "join");
}

/// Takes what was found for the rows of one left partition after another.
class MatchWriter {
  public:
    MatchWriter(JoinPlanRef plan, dataset::PieceStore& store, std::int64_t partition)
        : plan_(std::move(plan)), store_(store), partition_(partition) {}

    void add(std::int64_t left_partition, Block const& matches) {
        constexpr std::int64_t enough_rows = 1 << 15;
        if (left_partition != left_partition_ || waiting_rows_ >= enough_rows) finish();
        left_partition_ = left_partition;
        waiting_.push_back(matches);
        waiting_rows_ += matches.rows();
    }
    void finish() {
        if (waiting_rows_ > 0) {
            Block const all =
                waiting_.size() == 1 ? waiting_.front() : concatenate(plan_->matches, waiting_);
            std::int64_t const bytes = encoded_bytes(all);
            dataset::PooledBuffer buffer(store_.context().memory(), bytes);
            encode(all, buffer.data());
            dataset::Piece const piece{left_partition_, partition_, sequence_++, bytes};
            store_.add(std::move(buffer), {&piece, 1});
        }
        waiting_.clear();
        waiting_rows_ = 0;
    }

  private:
    JoinPlanRef plan_;
    dataset::PieceStore& store_;
    std::int64_t partition_, left_partition_ = -1, sequence_ = 0, waiting_rows_ = 0;
    std::vector<Block> waiting_;
};

/// Finds partners of the keys that came to one partition, of as many right rows at a time as the
/// memory holds: be it that all of them have one key.
class PartitionMatch {
  public:
    PartitionMatch(JoinPlanRef plan, dataset::PieceStore const& left_keys,
                   dataset::PieceStore const& right_rows, std::int64_t partition)
        : plan_(std::move(plan)),
          left_keys_(left_keys),
          right_rows_(right_rows),
          partition_(partition),
          // Right rows are held as pieces of blocks and as one, beside the table of keys.
          most_bytes_(left_keys.context().memory().working_limit() / left_keys.context().threads() /
                      3) {}

    void run(dataset::PieceStore& matches) const {
        MatchWriter writer(plan_, matches, partition_);
        std::vector<Block> chunk;
        std::int64_t bytes = 0;
        for_each_block_in(right_rows_, partition_, plan_->right, [&](Block const& block) {
            chunk.push_back(block.owned());
            bytes += chunk.back().bytes();
            if (bytes < most_bytes_) return;
            match_all(std::exchange(chunk, {}), writer);
            bytes = 0;
        });
        if (!chunk.empty()) match_all(std::move(chunk), writer);
        writer.finish();
    }

  private:
    /// All left keys with one chunk of the right rows. A row's partners in later chunks come later
    /// in the right table, too.
    void match_all(std::vector<Block> chunk, MatchWriter& writer) const {
        JoinTable const table(plan_, concatenate(plan_->right, chunk));
        chunk.clear();
        left_keys_.for_each_described(partition_, [&](auto const& piece, auto bytes_left) {
            while (!bytes_left.empty())
                match(table, decode(plan_->key_rows, bytes_left), piece.source, writer);
        });
    }

    static std::vector<Column> keys_of(Block const& key_rows) {
        return {key_rows.columns().begin(), key_rows.columns().end() - 1};
    }

    void match(JoinTable const& table, Block const& left, std::int64_t source,
               MatchWriter& writer) const {
        Column const& places = left.columns().back();
        table.pair_rows(keys_of(left), left.rows(), [&](auto left_rows, auto right_rows) {
            std::vector<Column> columns{places.take(left_rows)};
            for (Column const& column : plan_->right_columns_of(table.right()))
                columns.push_back(column.take(right_rows));
            writer.add(source, Block(plan_->matches, std::move(columns)));
        });
    }

    JoinPlanRef plan_;
    dataset::PieceStore const &left_keys_, &right_rows_;
    std::int64_t partition_, most_bytes_;
};

/// What left rows are matched with, at the owners of their partitions.
std::shared_ptr<dataset::PieceStore> find_matches(Table const& left, Table const& right,
                                                  JoinPlanRef const& plan,
                                                  KeyFilter const& filter) {
    dataset::Context const& context = left.context();
    std::int64_t const partitions =
        wide_partitions(std::max(left.num_partitions(), right.num_partitions()));
    dataset::PieceStore left_keys(context), right_rows(context);
    scatter_left(left, *plan, partitions, left_keys);
    scatter_right(right, *plan, filter, partitions, right_rows);
    auto matches = std::make_shared<dataset::PieceStore>(context);
    collectively(context.comm(), "join", [&] {
        context.parallel_for(context.local_partitions(partitions), [&](std::int64_t partition) {
            PartitionMatch(plan, left_keys, right_rows, partition).run(*matches);
        });
    });
    matches->exchange(left.num_partitions(), "join");
    return matches;
}

}  // namespace

std::shared_ptr<dataset::PieceStore> shuffled_join(Table const& left, Table const& right,
                                                   JoinPlanRef const& plan,
                                                   KeyFilter const& filter) {
    auto const matches = find_matches(left, right, plan, filter);
    auto results = std::make_shared<dataset::PieceStore>(left.context());
    run_partitions(left.plan(), "join", [&](std::int64_t partition) {
        merge_matches(plan, left, matches, partition, *results);
    });
    collectively(left.context().comm(), "join",
                 [&] { results->settle(left.context().local_partitions(left.num_partitions())); });
    return results;
}

}  // namespace partita::frame
