#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/random.hpp"
#include "partita/ml/training_set.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/core.h>
#include <omp.h>

namespace partita::bench {

inline constexpr std::int64_t features = 20;

/// This rank's rows of uniform features, with a score that a third of them does not enter.
struct Rows {
    ml::RealMatrix x;
    std::vector<double> score, choice;

    Rows(Communicator const& comm, std::int64_t n) {
        RowRange const mine = ml::Blocking(n).rows_of(comm.rank(), comm.size());
        x = ml::RealMatrix(mine.size(), features);
        for (std::int64_t row = mine.first; row < mine.last; ++row) {
            RandomStream random(1, static_cast<std::uint64_t>(row));
            double* const values = x.row(row - mine.first);
            double sum = 0;
            for (std::int64_t j = 0; j < features; ++j) {
                values[j] = 2 * random.uniform() - 1;
                sum += values[j] * static_cast<double>(j % 3 - 1);
            }
            double const noise = random.uniform();
            score.push_back(sum + noise);
            choice.push_back(noise < 1 / (1 + std::exp(-sum)));
        }
    }
};

/// Best and median of so many runs that all ranks start together.
inline void measure(Communicator const& comm, char const* name, std::int64_t n, int repetitions,
                    double passes, std::function<void()> const& work) {
    std::vector<double> seconds;
    work();  // warm: pages, kernels
    for (int i = 0; i < repetitions; ++i) {
        comm.barrier();
        double const start = MPI_Wtime();
        work();
        seconds.push_back(comm.all_reduce(MPI_Wtime() - start, Reduce::max));
    }
    std::sort(seconds.begin(), seconds.end());
    double const bytes = static_cast<double>(n * features * 8) * passes;
    if (comm.is_root())
        fmt::print(R"({{"name":"ml.{}","rows":{},"features":{},"ranks":{},"threads":{},)"
                   R"("seconds_min":{:.4f},"seconds_median":{:.4f},"gb_per_s_read":{:.2f}}})"
                   "\n",
                   name, n, features, comm.size(), omp_get_max_threads(), seconds.front(),
                   seconds[seconds.size() / 2], bytes / seconds.front() / 1e9);
}

}  // namespace partita::bench
