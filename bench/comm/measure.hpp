#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace partita::bench {

struct Seconds {
    double median = 0, min = 0;
};

inline Seconds summarise(std::vector<double> seconds) {
    std::sort(seconds.begin(), seconds.end());
    return {seconds[seconds.size() / 2], seconds.front()};
}

/// How long all ranks need for `work`, from a common start. Collective.
template <class Work>
double time_together(Communicator const& comm, Work&& work) {
    comm.barrier();
    double const start = MPI_Wtime();
    work();
    return comm.all_reduce(MPI_Wtime() - start, Reduce::max);
}

/// The limit: one rank's memcpy of so many bytes between warm buffers, the others waiting.
inline double time_memcpy(Communicator const& comm, std::int64_t bytes) {
    Buffer<std::byte> from(comm.is_root() ? bytes : 0), to(comm.is_root() ? bytes : 0);
    auto const size = static_cast<std::size_t>(from.size());
    if (size > 0) std::memset(from.data(), 1, size), std::memset(to.data(), 2, size);
    return time_together(comm, [&] {
        if (size > 0) std::memcpy(to.data(), from.data(), size);
    });
}

/// What the system takes to hand out so much fresh memory, which every receiver of fresh data pays.
inline double time_first_touch(Communicator const& comm, std::int64_t bytes) {
    return time_together(comm, [&] {
        Buffer<std::byte> pages(comm.is_root() ? bytes : 0);
        for (std::int64_t at = 0; at < pages.size(); at += 4096) pages[at] = std::byte{1};
    });
}

}  // namespace partita::bench
