#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
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

/// Bytes a second that all ranks and threads together read from memory: the best of five passes.
inline double read_bandwidth(Communicator const& comm) {
    std::int64_t const size = (std::int64_t{1} << 26) / comm.size();  // 512 MB over all ranks
    Buffer<double> numbers(size);
    std::fill(numbers.begin(), numbers.end(), 1.0);
    double least = 1e9, sum = 0;
    for (int pass = 0; pass < 5; ++pass) {
        comm.barrier();
        double const start = MPI_Wtime();
#pragma omp parallel for reduction(+ : sum)
        for (std::int64_t block = 0; block < size / 4096; ++block) {
            typedef double Lanes __attribute__((vector_size(64), aligned(64)));
            Lanes sums[4] = {};
            auto const* const at = reinterpret_cast<Lanes const*>(numbers.data() + block * 4096);
            for (int i = 0; i < 512; i += 4)
                for (int lane = 0; lane < 4; ++lane) sums[lane] += at[i + lane];
            sum += sums[0][0] + sums[1][0] + sums[2][0] + sums[3][0];
        }
        least = std::min(least, comm.all_reduce(MPI_Wtime() - start, Reduce::max));
    }
    if (sum == 0) fmt::print("\n");  // keeps the sums alive
    return static_cast<double>(size * 8 * comm.size()) / least;
}

/// Best and median of so many runs that all ranks start together.
inline void measure(Communicator const& comm, char const* name, std::int64_t n, int repetitions,
                    double passes, std::function<void()> const& work) {
    static double const bandwidth = read_bandwidth(comm);
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
                   R"("seconds_min":{:.4f},"seconds_median":{:.4f},"gb_per_s_read":{:.2f},)"
                   R"("share_of_bandwidth":{:.2f}}})"
                   "\n",
                   name, n, features, comm.size(), omp_get_max_threads(), seconds.front(),
                   seconds[seconds.size() / 2], bytes / seconds.front() / 1e9,
                   bytes / seconds.front() / bandwidth);
}

}  // namespace partita::bench
