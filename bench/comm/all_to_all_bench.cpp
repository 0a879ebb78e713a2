// all_to_all beside MPI_Alltoallv and memcpy; received items are checked. MPI_Alltoallv, whose
// counts end at 2^31 items, is left out of larger exchanges.
// Usage: all_to_all_bench [megabytes per slice] [repetitions] [even | one]; JSON lines on stdout.
// "even": a slice between any two ranks; "one": a single slice, from the first rank to the last,
// as in `all_to_all_bench 2200 1 one`, whose slice exceeds 2^31 bytes.

#include "comm/measure.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"
#include "partita/comm/run_app.hpp"

#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>

#include <fmt/core.h>

namespace {

using namespace partita;

constexpr std::int64_t largest_count = std::numeric_limits<int>::max();

/// Items that go from one rank to another.
struct Pattern {
    std::int64_t slice;
    bool even;

    std::int64_t count(Communicator const& world, int from, int to) const {
        return even || (from == 0 && to == world.size() - 1) ? slice : 0;
    }
    std::vector<std::int64_t> counts(Communicator const& world) const {
        std::vector<std::int64_t> all;
        for (int to = 0; to < world.size(); ++to) all.push_back(count(world, world.rank(), to));
        return all;
    }
};

void print(Communicator const& world, char const* name, Pattern const& pattern, std::int64_t bytes,
           std::vector<double> const& seconds, double limit) {
    if (!world.is_root() || seconds.empty()) return;
    auto const [median, min] = bench::summarise(seconds);
    fmt::print(R"({{"name":"{}","pattern":"{}","ranks":{},"slice_bytes":{},"bytes":{},)"
               R"("seconds_median":{:.4f},"seconds_min":{:.4f},"gb_per_s_median":{:.2f},)"
               R"("ratio_to_memcpy":{:.2f}}})"
               "\n",
               name, pattern.even ? "even" : "one", world.size(), pattern.slice * 8, bytes, median,
               min, static_cast<double>(bytes) / median / 1e9, limit / median);
}

std::int64_t item(int from, int to, std::int64_t i) { return (i * 1000 + from) * 1000 + to; }

Buffer<std::int64_t> make_items(Communicator const& world, std::span<std::int64_t const> counts) {
    Buffer<std::int64_t> items(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
    std::int64_t* next = items.data();
    for (int to = 0; to < world.size(); ++to)
        for (std::int64_t i = 0; i < counts[static_cast<std::size_t>(to)]; ++i)
            *next++ = item(world.rank(), to, i);
    return items;
}

void check_items(Communicator const& world, Received<std::int64_t> const& received,
                 Pattern const& pattern) {
    collectively(world, "check", [&] {
        std::int64_t const* next = received.items().data();
        for (int from = 0; from < world.size(); ++from) {
            std::int64_t const count = pattern.count(world, from, world.rank());
            check(received.counts[static_cast<std::size_t>(from)] == count, "wrong count");
            for (std::int64_t i = 0; i < count; ++i)
                check(*next++ == item(from, world.rank(), i), "wrong item {} from rank {}", i,
                      from);
        }
    });
}

double time_alltoallv(Communicator const& world, Buffer<std::int64_t> const& items,
                      std::int64_t slice) {
    std::vector<int> const counts(static_cast<std::size_t>(world.size()), static_cast<int>(slice));
    std::vector<int> starts(counts.size(), 0);
    std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), 0);
    return bench::time_together(world, [&] {
        Buffer<std::int64_t> received(items.size());
        check_mpi(
            MPI_Alltoallv(items.data(), counts.data(), starts.data(), MPI_INT64_T, received.data(),
                          counts.data(), starts.data(), MPI_INT64_T, world.handle()),
            "MPI_Alltoallv");
    });
}

int run(Communicator const& world, Pattern const& pattern, int repetitions) {
    std::vector<std::int64_t> const counts = pattern.counts(world);
    Buffer<std::int64_t> const items = make_items(world, counts);
    std::vector<double> ours, alltoallv, memcpy, touch;
    for (int i = 0; i < repetitions; ++i) {
        Received<std::int64_t> received;
        ours.push_back(bench::time_together(world, [&] {
            received = all_to_all(world, std::span<std::int64_t const>(items.span()), counts);
        }));
        check_items(world, received, pattern);
        received = {};
        if (pattern.even && items.size() <= largest_count)
            alltoallv.push_back(time_alltoallv(world, items, pattern.slice));
        touch.push_back(bench::time_first_touch(world, items.size() * 8));
        memcpy.push_back(bench::time_memcpy(world, items.size() * 8));
    }
    double const limit = bench::summarise(memcpy).median;
    std::int64_t const bytes = items.size() * 8;
    print(world, "memcpy", pattern, bytes, memcpy, limit);
    print(world, "first_touch", pattern, bytes, touch, limit);
    print(world, "all_to_all", pattern, bytes, ours, limit);
    print(world, "mpi_alltoallv", pattern, bytes, alltoallv, limit);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Pattern const pattern{(argc > 1 ? std::atoll(argv[1]) : 64) * 1'000'000 / 8,
                          argc <= 3 || std::string(argv[3]) == "even"};
    int const repetitions = argc > 2 ? std::atoi(argv[2]) : 5;
    return run_app(argc, argv,
                   [&](Communicator const& world) { return run(world, pattern, repetitions); });
}
