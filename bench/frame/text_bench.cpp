// Texts of which few differ: group-by, join, filter, memory, and files with such columns.
//
// usage: text_bench [rows] [repeats] [threads] [memory bytes] [scratch folder]
// Writes a CSV file of a tenth of the rows and some outputs to the folder (/tmp).

#include "measure.hpp"
#include "pairs.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/csv.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/frame/wide.hpp"

#include <cstdlib>
#include <functional>
#include <string>

namespace partita::bench {
namespace {

using frame::Table;

class TextBench {
  public:
    TextBench(dataset::Context const& context, std::int64_t rows, int repeats)
        : context_(context), rows_(rows), repeats_(repeats) {}

    void in_memory(std::uint64_t keys) {
        Table const table = pairs(
            context_, rows_, [=](std::uint64_t row) { return mix64(row) % keys; }, "value",
            frame::Type::text);
        Table const names = pairs(
            context_, static_cast<std::int64_t>(std::min<std::uint64_t>(keys, 1000)),
            [](std::uint64_t row) { return row; }, "other", frame::Type::text);
        if (context_.comm().is_root())
            fmt::print(
                "{{\"bench\":\"text_kept_{}\",\"bytes_a_row\":{:.2f}}}\n", keys,
                static_cast<double>(context_.memory().kept_bytes()) / static_cast<double>(rows_));
        run(fmt::format("text_mean_{}", keys), rows_,
            [&] { frame::group_by(table, {"key"}).agg("mean(value)").plan().prepare(); });
        run(fmt::format("text_join_{}", keys), rows_,
            [&] { frame::join(table, names, {"key"}, {"key"}).rows(); });
        run(fmt::format("text_filter_{}", keys), rows_,
            [&] { table.filter("key = 'key_000007' or substr(key, 5, 4) = '0000'").rows(); });
        run(fmt::format("text_sort_{}", keys), rows_,
            [&] { frame::sort(table, frame::parse_sort_keys("key")).plan().prepare(); });
        run(fmt::format("text_to_hdf5_{}", keys), rows_,
            [&] { frame::write_hdf5(table, "/tmp/partita-text-bench.h5", true); });
        run(fmt::format("text_to_csv_{}", keys), rows_, [&] {
            frame::write_csv(table, fmt::format("/tmp/partita-text-bench-{}.csv", keys),
                             {.overwrite = true});
        });
        std::string const file = fmt::format("/tmp/partita-text-bench-{}.csv", keys);
        run(fmt::format("text_csv_keep_{}", keys), rows_,
            [&] { frame::read_csv(context_, file).cache().plan().prepare(); });
        run(fmt::format("text_csv_mean_{}", keys), rows_, [&] {
            frame::group_by(frame::read_csv(context_, file), {"key"})
                .agg("mean(value)")
                .plan()
                .prepare();
        });
        run(fmt::format("text_csv_filter_{}", keys), rows_,
            [&] { frame::read_csv(context_, file).filter("key = 'key_000007'").rows(); });
    }

  private:
    void run(std::string const& name, std::int64_t rows, std::function<void()> const& work) {
        report(context_.comm(), name, rows, "rows", context_.threads(),
               measure(context_.comm(), repeats_, work));
    }

    dataset::Context const& context_;
    std::int64_t rows_;
    int repeats_;
};

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        std::int64_t const rows = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
        int const repeats = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 3;
        partita::dataset::Options options;
        options.threads = argc > 3 ? std::atoi(argv[3]) : 2;
        options.memory_bytes = argc > 4 ? std::atoll(argv[4]) : std::int64_t{4} << 30;
        partita::dataset::Context const context(comm, options);
        partita::bench::TextBench bench(context, rows, repeats);
        bench.in_memory(1'000);
        bench.in_memory(1'000'000);
        return 0;
    });
}
