// sort of uint64 through the public API, beside one core's std::sort.
//
// usage: sort_bench [items] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/dataset/sources.hpp"

#include <cstdlib>

namespace partita::bench {
namespace {

void bench(Communicator const& comm, std::int64_t n, int repeats, dataset::Options const& options) {
    dataset::Context const context(comm, options);
    RowRange const rows = share_of(n, comm.size(), comm.rank());
    std::vector<std::uint64_t> mine;
    for (std::int64_t i = rows.first; i < rows.last; ++i)
        mine.push_back(mix64(static_cast<std::uint64_t>(i)));
    auto const input = dataset::from_local(context, mine);
    std::int64_t counted = 0;
    Runs const ours = measure(comm, repeats, [&] { counted = input.sort().count(); });
    if (counted != n) fail("sort: expected {} items, got {}", n, counted);
    Runs floor = ours;
    if (comm.is_root())
        floor = measure(Communicator::self(), std::min(repeats, 3), [&] {
            std::vector<std::uint64_t> all;
            for (std::int64_t i = 0; i < n; ++i)
                all.push_back(mix64(static_cast<std::uint64_t>(i)));
            std::sort(all.begin(), all.end());
        });
    comm.barrier();
    report(comm, "sort_uint64", n, context.threads(), ours, floor);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        std::int64_t const n = argc > 1 ? std::atoll(argv[1]) : 10000000;
        int const repeats = argc > 2 ? std::atoi(argv[2]) : 5;
        partita::dataset::Options options;
        options.threads = argc > 3 ? std::atoi(argv[3]) : 1;
        options.memory_bytes = argc > 4 ? std::atoll(argv[4]) : std::int64_t{2} << 30;
        partita::bench::bench(comm, n, repeats, options);
        return 0;
    });
}
