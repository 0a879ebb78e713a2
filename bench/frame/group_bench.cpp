// Group-by mean and joins of int64 pairs, in memory.
//
// usage: group_bench [rows] [repeats] [threads] [memory bytes]

#include "measure.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>
#include <cstdlib>

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

void run(dataset::Context const& context, std::int64_t rows, int repeats) {
    Communicator const& comm = context.comm();
    for (std::uint64_t const keys : {1'000'000, 1'000}) {
        Table const table = pairs(context, rows, keys, "value");
        Runs const runs = measure(
            comm, repeats, [&] { group_by(table, {"key"}).agg("mean(value)").plan().prepare(); });
        report(comm, fmt::format("group_mean_{}_keys", keys), rows, "rows", context.threads(),
               runs);
    }
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
        partita::bench::run(partita::dataset::Context(comm, options), rows, repeats);
        return 0;
    });
}
