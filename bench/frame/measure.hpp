#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/memory.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace partita::bench {

/// Seconds of a work that all ranks do, the slowest rank's, first cold and then warm. Processor
/// seconds (of all threads and ranks) leave out the time in which other programs had the cores.
struct Runs {
    double cold = 0;
    std::vector<double> warm, processor;

    double min() const { return *std::min_element(warm.begin(), warm.end()); }
    double min_processor() const { return *std::min_element(processor.begin(), processor.end()); }
    double median() const {
        std::vector<double> sorted = warm;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

inline double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Work>
double seconds_of(Communicator const& comm, Work&& work) {
    comm.barrier();
    obs::Stopwatch const watch;
    work();
    return comm.all_reduce(watch.seconds(), Reduce::max);
}

template <class Work>
Runs measure(Communicator const& comm, int repeats, Work&& work) {
    Runs runs;
    runs.cold = seconds_of(comm, work);
    for (int i = 0; i < repeats; ++i) {
        double const before = processor_seconds();
        runs.warm.push_back(seconds_of(comm, work));
        runs.processor.push_back(comm.all_reduce(processor_seconds() - before, Reduce::sum));
    }
    return runs;
}

/// Bytes a second that all ranks, on so many threads each, read from memory: the best of five
/// passes over 512 MB in all.
inline double read_bandwidth(Communicator const& comm, int threads) {
    Buffer<std::uint64_t> numbers((std::int64_t{1} << 26) / comm.size());
    std::fill(numbers.data(), numbers.data() + numbers.size(), std::uint64_t{1});
    std::uint64_t sum = 0;
    double least = 1e9;
    for (int pass = 0; pass < 5; ++pass)
        least = std::min(least, seconds_of(comm, [&] {
#pragma omp parallel for num_threads(threads) reduction(+ : sum)
                             for (std::int64_t i = 0; i < numbers.size(); ++i) sum += numbers[i];
                         }));
    check(sum > 0, "expected the sum of ones, got 0");  // keeps the sums alive
    return static_cast<double>(numbers.size() * 8 * comm.size()) / least;
}

/// One JSON line on rank 0; `amount` of `unit` is what was worked through, which takes `limit_s`
/// seconds at least (0: not known).
inline void report(Communicator const& comm, std::string const& name, std::int64_t amount,
                   char const* unit, int threads, Runs const& runs, double limit_s = 0) {
    std::int64_t const peak = comm.all_reduce(peak_resident_bytes(), Reduce::max);
    if (!comm.is_root()) return;
    std::string const share =
        limit_s > 0 ? fmt::format(",\"share_of_bandwidth\":{:.3f}", limit_s / runs.min()) : "";
    fmt::print(
        "{{\"bench\":\"{}\",\"{}\":{},\"ranks\":{},\"threads\":{},\"min\":{:.4f},"
        "\"median\":{:.4f},\"cold\":{:.4f},\"processor\":{:.4f},\"millions_per_s\":{:.1f},"
        "\"millions_per_core_s\":{:.1f},\"peak_rss\":{}{}}}\n",
        name, unit, amount, comm.size(), threads, runs.min(), runs.median(), runs.cold,
        runs.min_processor(), static_cast<double>(amount) / runs.median() / 1e6,
        static_cast<double>(amount) / runs.min_processor() / 1e6, peak, share);
}

}  // namespace partita::bench
