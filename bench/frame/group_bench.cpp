// Group-by mean and joins of int64 pairs, in memory.
//
// usage: group_bench [rows] [repeats] [threads] [memory bytes] [beginning of names]
//
// The limit of a group-by is reading its 16 bytes a row once: "read_pairs" sums them up as they
// lie.
// "join_few": one left row in a hundred or less has a partner; "join_all": each has one.

#include "measure.hpp"
#include "pairs.hpp"

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

/// Keys that are all over [0, keys).
Pairs::KeyOf mixed(std::uint64_t keys) {
    return [keys](std::uint64_t row) { return mix64(row) % keys; };
}

/// Each of [0, keys) equally often, in an order that jumps: factors are coprime to powers of ten.
Pairs::KeyOf jumping(std::uint64_t factor, std::uint64_t keys) {
    return [=](std::uint64_t row) { return row * factor % keys; };
}

class GroupBench {
  public:
    /// @param only  What the names of the measurements that are wanted begin with.
    GroupBench(dataset::Context const& context, std::int64_t rows, int repeats,
               std::string_view only)
        : context_(context), rows_(rows), repeats_(repeats), only_(only) {}

    void groups() const {
        run("read_pairs", [&](auto const& measured) { read(measured); });
        for (std::uint64_t const keys : {1'000'000, 1'000})
            run(fmt::format("group_mean_{}_keys", keys), [&](auto const& measured) {
                Table const table = pairs(context_, rows_, mixed(keys), "value");
                measured([&] {
                    group_by(table, {"key"}).agg("mean(value)").plan().prepare();
                    return std::string();
                });
            });
    }

    void joins() const {
        for (std::int64_t const right_rows : {rows_ / 100, rows_}) {
            auto const size = static_cast<std::uint64_t>(right_rows);
            run(fmt::format("join_few_{}", right_rows), [&](auto const& measured) {
                join(pairs(context_, rows_, mixed(1'000'000), "value"),
                     pairs(context_, right_rows, mixed(1'000'000'000), "other"), measured);
            });
            run(fmt::format("join_all_{}", right_rows), [&](auto const& measured) {
                join(pairs(context_, rows_, jumping(2654435761, size), "value"),
                     pairs(context_, right_rows, jumping(40503, size), "other"), measured);
            });
        }
    }

  private:
    /// prepare(measured) makes the input and calls measured(work); work() returns what is to be
    /// added to the name.
    template <class Prepare>
    void run(std::string const& name, Prepare const& prepare) const {
        if (!name.starts_with(only_)) return;
        prepare([&](auto const& work) {
            std::string more;
            Runs const runs = measure(context_.comm(), repeats_, [&] { more = work(); });
            report(context_.comm(), name + more, rows_, "rows", context_.threads(), runs);
        });
    }

    /// Read all values, and do nothing else with them than adding them up.
    template <class Measured>
    void read(Measured const& measured) const {
        Table const table = pairs(context_, rows_, mixed(1'000), "value");
        std::atomic<std::int64_t> sum = 0;
        measured([&] {
            table.for_each_block("read", [&](std::int64_t, Block const& block) {
                std::int64_t total = 0;
                for (Column const& column : block.columns())
                    total = std::accumulate(column.values<std::int64_t>(),
                                            column.values<std::int64_t>() + column.size(), total);
                sum += total;
            });
            return std::string(sum.load() == 0 ? "_of_zeros" : "_of_numbers");
        });
    }

    template <class Measured>
    void join(Table const& left, Table const& right, Measured const& measured) const {
        measured([&] {
            Table const result = frame::join(left, right, {"key"}, {"key"}).cache();
            result.plan().prepare();
            return fmt::format("_pairs_{}", result.rows());
        });
    }

    dataset::Context const& context_;
    std::int64_t rows_;
    int repeats_;
    std::string_view only_;
};

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
        partita::bench::GroupBench const bench(context, rows, repeats, argc > 5 ? argv[5] : "");
        bench.groups();
        bench.joins();
        return 0;
    });
}
