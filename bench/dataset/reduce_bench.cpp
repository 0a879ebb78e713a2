// reduce_by_key of (int64, int64) pairs, beside the best single-core code and MR-MPI.
//
// usage: dataset_reduce_bench [items] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"
#include "checksums.hpp"
#include "mrmpi_peer.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/dataset/sources.hpp"

#include <memory>

namespace partita::bench {
namespace {

/// One core: an open-addressed table of keys and sums, with lookahead.
Contest::Checksum fold_on_one_core(std::vector<NumberPair> const& pairs, std::size_t slots) {
    auto table = std::make_shared<std::vector<NumberPair>>(slots, NumberPair(-1, 0));
    NumberPair* const slot = table->data();
    std::size_t const mask = slots - 1, n = pairs.size();
    for (std::size_t i = 0; i < n; ++i) {
        if (i + 12 < n)
            __builtin_prefetch(
                slot + (mix64(static_cast<std::uint64_t>(pairs[i + 12].first)) & mask), 1);
        std::size_t at = mix64(static_cast<std::uint64_t>(pairs[i].first)) & mask;
        while (slot[at].first != pairs[i].first && slot[at].first != -1) at = (at + 1) & mask;
        slot[at].first = pairs[i].first;
        slot[at].second += pairs[i].second;
    }
    return [table] {
        std::uint64_t sum = 0;
        for (auto const& [key, value] : *table) sum += key == -1 ? 0 : checksum_of(key, value);
        return sum;
    };
}

void bench(Communicator const& comm, std::string const& kind, Arguments const& arguments) {
    dataset::Context const context(comm, arguments.options);
    std::int64_t const n = arguments.items;
    std::vector<NumberPair> const mine = number_pairs(comm, kind, n);
    auto const input = dataset::from_local(context, mine);
    Contest contest(context, "reduce_by_key_" + kind, n);
    contest.add("ours", [&] {
        auto const sums = input.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
        sums.count();
        return [sums] {
            return sums.map([](NumberPair const& p) { return checksum_of(p.first, p.second); })
                .reduce(std::plus<>{});
        };
    });
    std::vector<NumberPair> all;
    if (comm.is_root()) all = number_pairs(Communicator::self(), kind, n);
    contest.add_on_root("one_core",
                        [&] { return fold_on_one_core(all, kind == "1000" ? 1 << 12 : 1 << 21); });
    if (has_mrmpi() && n <= 10000000)
        contest.add("mrmpi", [&] { return mrmpi_reduce(comm, mine, kind != "1m"); });
    contest.run(arguments.repeats, n * static_cast<std::int64_t>(sizeof(NumberPair)));
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::Arguments const arguments(argc, argv, 10000000);
        for (char const* kind : {"1m", "1000", "zipf"})
            partita::bench::bench(comm, kind, arguments);
        return 0;
    });
}
