// map | filter | map of int64, fused, beside the loop written by hand.
//
// usage: dataset_chain_bench [items] [repeats] [threads]

#include "bench_support.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/dataset/sources.hpp"

#include <numeric>

namespace partita::bench {
namespace {

// Lambdas: a function's name would become a pointer, which the compiler cannot look through.
constexpr auto scramble = [](std::int64_t x) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(x) * 0x9e3779b97f4a7c15u >> 3);
};
constexpr auto is_wanted = [](std::int64_t x) { return x % 3 != 0; };
constexpr auto halve = [](std::int64_t x) { return (x ^ 5) >> 1; };

std::uint64_t loop(std::int64_t first, std::int64_t last) {
    std::int64_t sum = 0;
    for (std::int64_t i = first; i < last; ++i) {
        std::int64_t const x = scramble(i);
        if (is_wanted(x)) sum += halve(x);
    }
    return static_cast<std::uint64_t>(sum);
}

void bench(Communicator const& comm, Arguments const& arguments) {
    dataset::Context const context(comm, arguments.options);
    std::int64_t const n = arguments.items;
    Contest contest(context, "map_filter_map", n);
    contest.add("ours", [&] {
        std::int64_t const sum = dataset::range(context, 0, n)
                                     .map(scramble)
                                     .filter(is_wanted)
                                     .map(halve)
                                     .reduce(std::plus<>{});
        return [sum] { return static_cast<std::uint64_t>(sum); };
    });
    contest.add("loop", [&] {
        RowRange const mine = share_of(n, comm.size(), comm.rank());
        std::vector<std::uint64_t> sums(static_cast<std::size_t>(context.threads()) * 8);
        context.parallel_for({0, context.threads()}, [&](std::int64_t t) {
            RowRange const part = share_of(mine.size(), context.threads(), t);
            sums[static_cast<std::size_t>(t) * 8] =
                loop(mine.first + part.first, mine.first + part.last);
        });
        std::uint64_t const sum = comm.all_reduce(
            std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}), Reduce::sum);
        return [sum] { return sum; };
    });
    contest.run(arguments.repeats, 0);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::bench(comm, partita::bench::Arguments(argc, argv, 100000000));
        return 0;
    });
}
