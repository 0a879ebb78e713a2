// sort of uint64, beside single-core sorts and MR-MPI.
//
// usage: dataset_sort_bench [items] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"
#include "checksums.hpp"
#include "mrmpi_peer.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/dataset/sources.hpp"

#include <memory>

#include <boost/sort/spreadsort/spreadsort.hpp>

namespace partita::bench {
namespace {

/// One core, starting from a copy as the others do.
template <class Sort>
Contest::Checksum sort_on_one_core(std::vector<std::uint64_t> const& all, Sort sort) {
    auto const sorted = std::make_shared<std::vector<std::uint64_t>>(all);
    sort(sorted->begin(), sorted->end());
    return [sorted] {
        SortedChecksum sum;
        for (std::uint64_t const number : *sorted) sum.add(number);
        return sum.sum;
    };
}

void bench(Communicator const& comm, Arguments const& arguments) {
    dataset::Context const context(comm, arguments.options);
    std::int64_t const n = arguments.items;
    std::vector<std::uint64_t> const mine = numbers(comm, n);
    auto const input = dataset::from_local(context, mine);
    Contest contest(context, "sort_uint64", n);
    contest.add("ours", [&] {
        auto const sorted = input.sort();
        sorted.count();
        return [sorted] {
            SortedChecksum const none;
            return sorted
                .aggregate(
                    none, [](SortedChecksum sum, std::uint64_t x) { return sum.add(x), sum; },
                    // The first of the second part is not known any more, but its last is.
                    [](SortedChecksum a, SortedChecksum b) {
                        return SortedChecksum{b.last, a.sum + b.sum};
                    })
                .sum;
        };
    });
    std::vector<std::uint64_t> all;
    if (comm.is_root()) all = numbers(Communicator::self(), n);
    contest.add_on_root("spreadsort", [&] {
        return sort_on_one_core(
            all, [](auto first, auto last) { boost::sort::spreadsort::integer_sort(first, last); });
    });
    contest.add_on_root("std_sort", [&] {
        return sort_on_one_core(all, [](auto first, auto last) { std::sort(first, last); });
    });
    if (has_mrmpi() && n <= 10000000) contest.add("mrmpi", [&] { return mrmpi_sort(comm, mine); });
    contest.run(arguments.repeats, 2 * n * static_cast<std::int64_t>(sizeof(std::uint64_t)));
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::bench(comm, partita::bench::Arguments(argc, argv, 10000000));
        return 0;
    });
}
