#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/ml/training_set.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <string_view>

#include <omp.h>

namespace partita::ml {

inline int thread_count(int wanted) { return wanted > 0 ? wanted : omp_get_max_threads(); }

/// Call visit(i) for i in [first, last), on several threads; the first exception ends all and is
/// thrown. Rank-local.
template <class Visit>
void for_parallel(std::int64_t first, std::int64_t last, int threads, Visit&& visit) {
    std::atomic<std::int64_t> next{first};
    std::exception_ptr failure;
    std::mutex mutex;
#pragma omp parallel num_threads(thread_count(threads)) if (last - first > 1)
    {
        try {
            for (std::int64_t i = next++; i < last; i = next++) visit(i);
        } catch (...) {
            next = last;
            std::lock_guard const lock(mutex);
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

/// Collective: visit(block, batch) for each block of this rank, on several threads.
template <class Visit>
void for_blocks(Communicator const& comm, TrainingSet const& set, std::string_view what,
                int threads, Visit&& visit) {
    refuse_sparse(set, what);
    RowRange const mine = set.blocking().blocks_of(comm.rank(), comm.size());
    collectively(comm, what, [&] {
        for_parallel(mine.first, mine.last, threads, [&](std::int64_t b) {
            thread_local BatchBuffer buffer;
            visit(b, set.read(set.blocking().block(b), buffer));
        });
    });
}

}  // namespace partita::ml
