// Reading a CSV file of six columns: streamed (every value parsed, nothing kept), and kept.
//
// The limit is reading the file's bytes once from memory, which is measured beside.
//
// usage: csv_bench FILE [rows] [repeats] [threads] [memory bytes]
// Makes FILE when it does not exist.

#include "measure.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/file.hpp"
#include "partita/core/random.hpp"
#include "partita/frame/csv.hpp"

#include <atomic>
#include <cstdlib>
#include <fstream>

namespace partita::bench {
namespace {

/// id, key, price, score, name, day: integers, decimals, doubles with all digits, text, integers.
void make_file(std::string const& path, std::int64_t rows) {
    std::ofstream out(path, std::ios::binary);
    out << "id,key,price,score,name,day\n";
    std::string text;
    for (std::int64_t i = 0; i < rows; ++i) {
        RandomStream random(5, static_cast<std::uint64_t>(i));
        fmt::format_to(std::back_inserter(text), "{},{},{:.2f},{:.6f},{}_{},{}\n", i,
                       random.below(1000), random.uniform() * 1000, random.normal(), "name",
                       random.below(100000), 20200101 + random.below(1000));
        if (text.size() < (1 << 20) && i + 1 < rows) continue;
        out << text;
        text.clear();
    }
}

void bench(Communicator const& comm, std::string const& path, std::int64_t rows, int repeats,
           dataset::Options const& options) {
    if (comm.is_root() && !file_exists(path)) make_file(path, rows);
    comm.barrier();
    dataset::Context const context(comm, options);
    std::int64_t const bytes = File::open_read(path).size();
    std::int64_t counted = 0;
    double const limit = static_cast<double>(bytes) / read_bandwidth(comm, context.threads());
    auto const tell = [&](char const* name, Runs const& runs) {
        report(comm, name, bytes, "bytes", context.threads(), runs, limit);
    };
    tell("csv_open",
         measure(comm, repeats, [&] { counted = frame::read_csv(context, path).rows(); }));
    Runs const streamed = measure(comm, repeats, [&] {
        std::atomic<std::int64_t> read = 0;
        frame::read_csv(context, path)
            .for_each_block("count",
                            [&](std::int64_t, auto const& block) { read += block.rows(); });
        counted = comm.all_reduce(read.load(), Reduce::sum);
    });
    tell("csv_stream", streamed);
    Runs const kept = measure(comm, repeats, [&] {
        frame::Table const table = frame::read_csv(context, path).cache();
        table.plan().prepare();
        counted = table.rows();
    });
    tell("csv_keep", kept);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::check(argc > 1, "usage: csv_bench FILE [rows] [repeats] [threads] [memory bytes]");
        std::int64_t const rows = argc > 2 ? std::atoll(argv[2]) : 8500000;
        int const repeats = argc > 3 ? std::max(std::atoi(argv[3]), 1) : 5;
        partita::dataset::Options options;
        options.threads = argc > 4 ? std::atoi(argv[4]) : 1;
        options.memory_bytes = argc > 5 ? std::atoll(argv[5]) : std::int64_t{3} << 30;
        partita::bench::bench(comm, argv[1], rows, repeats, options);
        return 0;
    });
}
