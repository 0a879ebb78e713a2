// reduce_by_key of (int64, int64) pairs through the public API, beside the best single-core code.
//
// usage: reduce_bench [items] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"
#include "partita/dataset/sources.hpp"

#include <cmath>
#include <cstdlib>

namespace partita::bench {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

/// A key of a Zipf(1) distribution over `n` keys, by inverting its approximate distribution.
std::int64_t zipf_key(std::int64_t i, std::int64_t n) {
    double const u = static_cast<double>(mix64(static_cast<std::uint64_t>(i)) >> 11) * 0x1.0p-53;
    return static_cast<std::int64_t>(std::exp(u * std::log(static_cast<double>(n))));
}

/// Input in memory, so that making it is not measured: each rank's share.
std::vector<Pair> make_pairs(Communicator const& comm, std::string const& kind, std::int64_t n) {
    RowRange const rows = share_of(n, comm.size(), comm.rank());
    std::vector<Pair> pairs;
    pairs.reserve(static_cast<std::size_t>(rows.size()));
    for (std::int64_t i = rows.first; i < rows.last; ++i) {
        auto const mixed = mix64(static_cast<std::uint64_t>(i));
        std::int64_t const key =
            kind == "zipf" ? zipf_key(i, 1000000)
                           : static_cast<std::int64_t>(mixed % (kind == "1000" ? 1000u : 1000000u));
        pairs.emplace_back(key, i & 15);
    }
    return pairs;
}

/// One core: an open-addressed table of keys and sums, with lookahead.
std::int64_t floor_reduce(std::vector<Pair> const& pairs, std::vector<Pair>& table) {
    std::size_t const mask = table.size() - 1;
    std::fill(table.begin(), table.end(), Pair(-1, 0));
    std::size_t const n = pairs.size();
    std::int64_t distinct = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (i + 12 < n)
            __builtin_prefetch(
                &table[mix64(static_cast<std::uint64_t>(pairs[i + 12].first)) & mask], 1);
        std::size_t at = mix64(static_cast<std::uint64_t>(pairs[i].first)) & mask;
        while (table[at].first != pairs[i].first && table[at].first != -1) at = (at + 1) & mask;
        distinct += table[at].first == -1;
        table[at].first = pairs[i].first;
        table[at].second += pairs[i].second;
    }
    return distinct;
}

void bench(Communicator const& comm, std::string const& kind, std::int64_t n, int repeats,
           dataset::Options const& options) {
    dataset::Context const context(comm, options);
    auto const input = dataset::from_local(context, make_pairs(comm, kind, n));
    std::int64_t distinct = 0;
    Runs const ours = measure(comm, repeats, [&] {
        auto const sums = input.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
        distinct = sums.count();
    });
    Runs floor;
    std::int64_t expected = distinct;
    if (comm.is_root()) {
        std::vector<Pair> const all = make_pairs(Communicator::self(), kind, n);
        std::vector<Pair> table(kind == "1000" ? 1 << 12 : 1 << 21);
        floor =
            measure(Communicator::self(), repeats, [&] { expected = floor_reduce(all, table); });
    }
    comm.barrier();
    if (!comm.is_root()) floor = ours;
    report(comm, "reduce_by_key_" + kind, n, context.threads(), ours, floor);
    if (expected != distinct) fail("reduce_by_key: expected {} keys, got {}", expected, distinct);
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
        for (char const* kind : {"1m", "1000", "zipf"})
            partita::bench::bench(comm, kind, n, repeats, options);
        return 0;
    });
}
