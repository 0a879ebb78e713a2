#pragma once

#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

namespace partita::bench {

/// Seconds of several runs. Processor seconds (of all threads) leave out the time in which other
/// programs had the cores.
struct Timing {
    std::vector<double> wall, processor;

    double min() const { return *std::min_element(wall.begin(), wall.end()); }
    double min_processor() const { return *std::min_element(processor.begin(), processor.end()); }
    double median() const {
        std::vector<double> sorted = wall;
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
void time_once(Timing& timing, Work&& work) {
    double const processor = processor_seconds();
    obs::Stopwatch const watch;
    work();
    timing.wall.push_back(watch.seconds());
    timing.processor.push_back(processor_seconds() - processor);
}

}  // namespace partita::bench
