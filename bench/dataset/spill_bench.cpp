// reduce_by_key and sort of generated pairs in little memory, then in ample: time and peak memory.
//
// usage: spill_bench [pairs] [threads] [memory bytes]

#include "bench_support.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/memory.hpp"
#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace partita::bench {
namespace {

/// Resident pages of files and of shared memory: programs and libraries, MPI's own buffers.
std::int64_t shared_resident_bytes() {
    std::ifstream status("/proc/self/status");
    std::int64_t bytes = 0;
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssFile:") || line.starts_with("RssShmem:"))
            bytes += std::atoll(line.c_str() + line.find(':') + 1) << 10;
    return bytes;
}

void bench(Communicator const& comm, std::int64_t n, dataset::Options const& options) {
    dataset::Context const context(comm, options);
    std::int64_t const before = anonymous_resident_bytes();
    auto const pairs = dataset::generate(context, n, [](std::int64_t i) {
        return std::pair(static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(i)) % 10000000),
                         i & 15);
    });
    auto const run = [&](char const* name, auto const& work) {
        double const seconds = seconds_of(comm, work);
        std::int64_t const spilled = comm.all_reduce(context.traffic().bytes_spilled, Reduce::max);
        std::int64_t const peak = comm.all_reduce(
            std::max<std::int64_t>(peak_resident_bytes() - shared_resident_bytes() - before, 0),
            Reduce::max);
        if (comm.is_root())
            fmt::print(
                "{{\"bench\":\"{}\",\"items\":{},\"ranks\":{},\"threads\":{},\"memory\":{},"
                "\"seconds\":{:.3f},\"spilled\":{},\"peak_over_start\":{},"
                "\"peak_to_memory\":{:.2f}}}\n",
                name, n, comm.size(), context.threads(), context.memory_bytes(), seconds, spilled,
                peak, static_cast<double>(peak) / static_cast<double>(context.memory_bytes()));
    };
    run("spill_reduce_by_key", [&] { pairs.reduce_by_key(std::plus<>{}).count(); });
    run("spill_sort_by_key", [&] { pairs.sort_by_key().count(); });
    run("spill_group_by_key", [&] { pairs.group_by_key().count(); });
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        std::int64_t const n = argc > 1 ? std::atoll(argv[1]) : 50000000;
        partita::dataset::Options options;
        options.threads = argc > 2 ? std::atoi(argv[2]) : 1;
        options.memory_bytes = argc > 3 ? std::atoll(argv[3]) : std::int64_t{256} << 20;
        partita::bench::bench(comm, n, options);
        options.memory_bytes = std::int64_t{4} << 30;  // a peak is a peak: this comes last
        partita::bench::bench(comm, n, options);
        return 0;
    });
}
