#include "partita/frame/table.hpp"

#include "frame/block_codec.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/gather.hpp"

#include <atomic>
#include <numeric>
#include <span>
#include <string>

namespace partita::frame {

struct Table::State {
    dataset::Plan plan;
    std::shared_ptr<Schema const> schema;
    std::shared_ptr<BlockSource const> source;
    std::optional<std::vector<std::int64_t>> counts;
    std::shared_ptr<State> same_rows;  ///< A table with as many rows in each partition.

    static std::shared_ptr<State> to_count(std::shared_ptr<State> const& from);
};

Table::Table(dataset::Plan plan, std::shared_ptr<Schema const> schema,
             std::shared_ptr<BlockSource const> source,
             std::optional<std::vector<std::int64_t>> counts)
    : state_(std::make_shared<State>(State{std::move(plan), std::move(schema), std::move(source),
                                           std::move(counts), nullptr})) {}

Schema const& Table::schema() const { return *state_->schema; }
std::shared_ptr<Schema const> const& Table::shared_schema() const { return state_->schema; }
dataset::Plan const& Table::plan() const { return state_->plan; }
std::shared_ptr<BlockSource const> const& Table::source() const { return state_->source; }

Table Table::with_rows_of(Table const& other) const {
    state_->same_rows = other.state_;
    return *this;
}

void Table::for_each_block(std::string_view what,
                           dataset::FunctionRef<void(std::int64_t, Block const&)> visit) const {
    run_partitions(plan(), what, [&](std::int64_t partition) {
        source()->run(partition, [&](Block const& block) { visit(partition, block); });
    });
}

/// The table whose rows to count for this one's: one whose number of rows is known, or else the
/// nearest that is kept, or else the one that all others follow.
std::shared_ptr<Table::State> Table::State::to_count(std::shared_ptr<State> const& from) {
    std::shared_ptr<State> kept, at = from;
    for (;; at = at->same_rows) {
        if (at->counts) return at;
        if (!kept && is_stored(Table(at))) kept = at;
        if (!at->same_rows) return kept ? kept : at;
    }
}

std::vector<std::int64_t> const& Table::partition_rows() const {
    if (state_->counts) return *state_->counts;
    std::shared_ptr<State> const counted = State::to_count(state_);
    if (!counted->counts) {
        Table const table(counted);
        counted->counts = dataset::gather_partitions(
            table.plan(), run_partitions(table.plan(), "count", [&](std::int64_t partition) {
                std::int64_t rows = 0;
                table.source()->run(partition, [&](Block const& block) { rows += block.rows(); });
                return rows;
            }));
    }
    state_->counts = counted->counts;
    state_->same_rows = nullptr;
    return *state_->counts;
}

std::int64_t Table::rows() const {
    auto const& counts = partition_rows();
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

Table Table::cache() const {
    return stored_table(plan(), plan().lineage, plan().runs, state_->schema,
                        [table = *this] { return keep_blocks(table, "cache"); })
        .with_rows_of(*this);
}

Block Table::collect() const {
    dataset::Context const& context = this->context();
    std::atomic<std::int64_t> bytes = 0;
    std::int64_t const most = context.memory().exchange_limit();
    auto const encoded = run_partitions(plan(), "collect", [&](std::int64_t partition) {
        std::string all;
        source()->run(partition, [&](Block const& block) {
            if (block.rows() == 0) return;
            std::int64_t const size = encoded_bytes(block);
            bytes += size;
            check(bytes <= most, "expected a table of at most {} to collect, got more",
                  format_bytes(static_cast<double>(most)));
            all.resize(all.size() + static_cast<std::size_t>(size));
            encode(block, reinterpret_cast<std::byte*>(all.data() + all.size()) - size);
        });
        return all;
    });
    std::int64_t const total = context.comm().all_reduce(bytes.load(), Reduce::sum);
    check(total <= most, "{}: expected a table of at most {} to collect, got {}", plan().lineage,
          format_bytes(static_cast<double>(most)), format_bytes(static_cast<double>(total)));
    std::vector<std::string> const parts = dataset::gather_partitions(plan(), encoded);
    return collectively(context.comm(), "collect", [&] {
        std::vector<Block> blocks;
        for (std::string const& part : parts) {
            std::span<std::byte const> left = std::as_bytes(std::span(part));
            while (!left.empty()) blocks.push_back(decode(state_->schema, left));
        }
        return concatenate(state_->schema, blocks);
    });
}

}  // namespace partita::frame
