// FAISS's exact search as the distribution builds it, in a process of its own, so that neither our
// kernels nor our settings of its BLAS reach it. Called by exact_bench:
//   faiss_flat_peer BASE_ROWS DIM QUERIES K THREADS REPEAT NEIGHBOURS_FILE
// Prints the seconds and processor seconds of each search, and writes the neighbours (int64) of all
// queries.

#include "synthetic_vectors.hpp"
#include "timing.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#include <faiss/IndexFlat.h>
#include <omp.h>

int main(int argc, char** argv) {
    if (argc != 8) return 2;
    auto const number = [&](int i) { return std::strtoll(argv[i], nullptr, 10); };
    std::int64_t const rows = number(1), dim = number(2), queries = number(3), k = number(4);
    partita::bench::SyntheticVectors const vectors(dim, 1);
    faiss::IndexFlatL2 index(dim);
    {
        auto const base = vectors.rows(0, rows);
        index.add(rows, base.data());
    }
    auto const asked = vectors.rows(rows, queries);
    std::vector<std::int64_t> found(static_cast<std::size_t>(queries * k));
    std::vector<float> distances(found.size());
    omp_set_num_threads(static_cast<int>(number(5)));
    partita::bench::Timing timing;
    for (long long i = 0; i < number(6); ++i) {
        time_once(timing,
                  [&] { index.search(queries, asked.data(), k, distances.data(), found.data()); });
        std::printf("%.6f %.6f\n", timing.wall.back(), timing.processor.back());
    }
    std::ofstream(argv[7], std::ios::binary)
        .write(reinterpret_cast<char const*>(found.data()),
               static_cast<std::streamsize>(found.size() * sizeof(found[0])));
}
