#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/memory.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <mpi.h>

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

template <class Work>
double seconds_of(Communicator const& comm, Work&& work) {
    comm.barrier();
    obs::Stopwatch const watch;
    work();
    return comm.all_reduce(watch.seconds(), Reduce::max);
}

inline double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
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

/// One JSON line on rank 0. `floor` is the best single-core reference, measured in the same run.
inline void report(Communicator const& comm, std::string const& name, std::int64_t items,
                   int threads, Runs const& ours, Runs const& floor) {
    std::int64_t const peak = comm.all_reduce(peak_resident_bytes(), Reduce::max);
    if (!comm.is_root()) return;
    fmt::print(
        "{{\"bench\":\"{}\",\"items\":{},\"ranks\":{},\"threads\":{},\"min\":{:.4f},"
        "\"median\":{:.4f},\"cold\":{:.4f},\"floor_min\":{:.4f},\"floor_median\":{:.4f},"
        "\"processor\":{:.4f},\"floor_processor\":{:.4f},\"ratio_to_floor\":{:.2f},"
        "\"peak_rss\":{}}}\n",
        name, items, comm.size(), threads, ours.min(), ours.median(), ours.cold, floor.min(),
        floor.median(), ours.min_processor(), floor.min_processor(), ours.min() / floor.min(),
        peak);
}

}  // namespace partita::bench
