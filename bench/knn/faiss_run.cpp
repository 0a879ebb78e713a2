// Builds and searches one FAISS index, and prints the numbers for faiss_kernels_bench. This source
// makes two programs: faiss_run_ours with our distance kernels linked, faiss_run_plain without.
//   faiss_run FACTORY SETTING BASE_ROWS DIM QUERIES THREADS TRUTH_FILE
// TRUTH_FILE holds the 10 nearest (int64) of each query. Prints build seconds, the processor's
// build seconds, search seconds, the processor's search seconds (search on one thread), recall
// at 10.

#include "synthetic_vectors.hpp"
#include "timing.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include <faiss/AutoTune.h>
#include <faiss/Index.h>
#include <faiss/index_factory.h>
#include <omp.h>

namespace {

constexpr std::int64_t k = 10;
/// Enough that setting up a call does not count; from 20 on FAISS asks its BLAS instead.
constexpr std::int64_t batch = 16;

double recall(std::vector<std::int64_t> const& found, char const* truth_file) {
    std::vector<std::int64_t> truth(found.size());
    std::ifstream(truth_file, std::ios::binary)
        .read(reinterpret_cast<char*>(truth.data()),
              static_cast<std::streamsize>(truth.size() * sizeof(truth[0])));
    std::int64_t hits = 0;
    for (std::size_t row = 0; row < found.size(); row += k)
        for (std::size_t i = row; i < row + k; ++i)
            for (std::size_t j = row; j < row + k; ++j) hits += found[i] == truth[j];
    return static_cast<double>(hits) / static_cast<double>(found.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 8) return 2;
    auto const number = [&](int i) { return std::strtoll(argv[i], nullptr, 10); };
    std::int64_t const rows = number(3), dim = number(4), queries = number(5);
    partita::bench::SyntheticVectors const vectors(dim, 1);
    auto const base = vectors.rows(0, rows), asked = vectors.rows(rows, queries);
    omp_set_num_threads(static_cast<int>(number(6)));
    std::unique_ptr<faiss::Index> const index(
        faiss::index_factory(static_cast<int>(dim), argv[1], faiss::METRIC_L2));
    partita::bench::Timing build, search;
    time_once(build, [&] {
        index->train(rows, base.data());
        index->add(rows, base.data());
    });
    faiss::ParameterSpace().set_index_parameters(index.get(), argv[2]);
    omp_set_num_threads(1);
    std::vector<std::int64_t> found(static_cast<std::size_t>(queries * k));
    std::vector<float> distances(found.size());
    for (int i = 0; i < 3; ++i)
        time_once(search, [&] {
            for (std::int64_t q = 0; q < queries; q += batch)
                index->search(std::min(batch, queries - q), asked.row(q), k,
                              distances.data() + q * k, found.data() + q * k);
        });
    std::printf("%.6f %.6f %.6f %.6f %.6f\n", build.min(), build.min_processor(), search.min(),
                search.min_processor(), recall(found, argv[7]));
}
