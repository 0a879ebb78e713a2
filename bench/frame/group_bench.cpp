// Group-by mean and joins of int64 pairs, in memory.
//
// usage: group_bench [rows] [repeats] [threads] [memory bytes] [group|join]
//
// The limit of a group-by is reading its 16 bytes a row once: "read_pairs" sums them up as they
// lie.

#include "measure.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <string_view>

namespace partita::bench {
namespace {

using frame::Block;
using frame::Column;
using frame::Table;

/// Rows (key, value): key = mix(i) mod `keys`, value = i mod 1000; made block by block.
class Pairs final : public frame::BlockSource {
  public:
    Pairs(std::int64_t rows, std::uint64_t keys, std::string name)
        : rows_(rows),
          keys_(keys),
          schema_(std::make_shared<frame::Schema const>(std::vector<frame::Field>{
              {"key", frame::Type::int64}, {std::move(name), frame::Type::int64}})) {}

    static constexpr std::int64_t partitions = 64, block_rows = 1 << 15;

    std::shared_ptr<frame::Schema const> const& schema() const { return schema_; }
    void run(std::int64_t partition, frame::BlockSink sink) const override {
        RowRange const mine = share_of(rows_, partitions, partition);
        for (std::int64_t first = mine.first; first < mine.last; first += block_rows) {
            std::int64_t const n = std::min(block_rows, mine.last - first);
            auto const keys = frame::make_array<std::int64_t>(n),
                       values = frame::make_array<std::int64_t>(n);
            for (std::int64_t i = 0; i < n; ++i) {
                (*keys)[i] =
                    static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(first + i)) % keys_);
                (*values)[i] = (first + i) % 1000;
            }
            sink(Block(schema_, {Column(frame::Type::int64, n, keys->data(), nullptr, keys),
                                 Column(frame::Type::int64, n, values->data(), nullptr, values)}));
        }
    }

  private:
    std::int64_t rows_;
    std::uint64_t keys_;
    std::shared_ptr<frame::Schema const> schema_;
};

Table pairs(dataset::Context const& context, std::int64_t rows, std::uint64_t keys,
            std::string name) {
    auto const source = std::make_shared<Pairs>(rows, keys, std::move(name));
    Table const table =
        Table({context, {Pairs::partitions}, {}, "pairs", {}}, source->schema(), source).cache();
    table.plan().prepare();
    return table;
}

/// Read all values, and do nothing else with them than adding them up.
void read(Table const& table, std::int64_t rows, int repeats) {
    Communicator const& comm = table.context().comm();
    std::atomic<std::int64_t> sum = 0;
    Runs const runs = measure(comm, repeats, [&] {
        table.for_each_block("read", [&](std::int64_t, Block const& block) {
            std::int64_t total = 0;
            for (Column const& column : block.columns())
                total = std::accumulate(column.values<std::int64_t>(),
                                        column.values<std::int64_t>() + column.size(), total);
            sum += total;
        });
    });
    report(comm, fmt::format("read_pairs_{}", sum.load() == 0 ? "of_zeros" : "of_numbers"), rows,
           "rows", table.context().threads(), runs);
}

void run_groups(dataset::Context const& context, std::int64_t rows, int repeats) {
    Communicator const& comm = context.comm();
    read(pairs(context, rows, 1'000, "value"), rows, repeats);
    for (std::uint64_t const keys : {1'000'000, 1'000}) {
        Table const table = pairs(context, rows, keys, "value");
        Runs const runs = measure(
            comm, repeats, [&] { group_by(table, {"key"}).agg("mean(value)").plan().prepare(); });
        report(comm, fmt::format("group_mean_{}_keys", keys), rows, "rows", context.threads(),
               runs);
    }
}

void run_joins(dataset::Context const& context, std::int64_t rows, int repeats) {
    Communicator const& comm = context.comm();
    Table const left = pairs(context, rows, 1'000'000, "value");
    for (std::int64_t const right_rows : {rows / 100, rows}) {
        Table const right = pairs(context, right_rows, 1'000'000'000, "other");
        std::int64_t joined = 0;
        Runs const runs =
            measure(comm, repeats, [&] { joined = join(left, right, {"key"}, {"key"}).rows(); });
        report(comm, fmt::format("join_{}_pairs_{}", right_rows, joined), rows, "rows",
               context.threads(), runs);
    }
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        std::int64_t const rows = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
        int const repeats = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 5;
        partita::dataset::Options options;
        options.threads = argc > 3 ? std::atoi(argv[3]) : 1;
        options.memory_bytes = argc > 4 ? std::atoll(argv[4]) : std::int64_t{4} << 30;
        partita::dataset::Context const context(comm, options);
        std::string_view const only = argc > 5 ? argv[5] : "";
        if (only != "join") partita::bench::run_groups(context, rows, repeats);
        if (only != "group") partita::bench::run_joins(context, rows, repeats);
        return 0;
    });
}
