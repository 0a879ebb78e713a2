// FAISS's own search of an IVF index file, in the loop that FAISS has for batches, with our
// distance kernels linked: what list by list search gains beyond faster kernels.
//   faiss_graph INDEX VECTORS.fbin NPROBE THREADS QUERIES COSINE
// The first QUERIES vectors are searched, scaled to length 1 if COSINE is 1. Prints one JSON line.

#include "timing.hpp"

#include "partita/core/matrix_view.hpp"
#include "partita/knn/distance.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <vector>

#include <faiss/IndexIVF.h>
#include <faiss/index_io.h>
#include <omp.h>

int main(int argc, char** argv) {
    if (argc != 7) {
        std::fprintf(stderr,
                     "usage: faiss_graph INDEX VECTORS.fbin NPROBE THREADS QUERIES COSINE\n");
        return 1;
    }
    std::unique_ptr<faiss::Index> const index(faiss::read_index(argv[1]));
    auto* const ivf = dynamic_cast<faiss::IndexIVF*>(index.get());
    std::ifstream file(argv[2], std::ios::binary);
    std::uint32_t shape[2] = {0, 0};
    file.read(reinterpret_cast<char*>(shape), sizeof shape);
    auto const queries = static_cast<std::int64_t>(std::atoll(argv[5]));
    std::int64_t const dim = shape[1], k = 10;
    std::vector<float> vectors(static_cast<std::size_t>(queries * dim));
    file.read(reinterpret_cast<char*>(vectors.data()),
              static_cast<std::streamsize>(vectors.size() * sizeof(float)));
    if (!ivf || !file || ivf->d != dim) {
        std::fprintf(stderr,
                     "faiss_graph: expected an IVF index and so many vectors of its dimension\n");
        return 1;
    }
    if (std::atoi(argv[6]) == 1) partita::knn::normalise_rows({vectors.data(), queries, dim});
    ivf->nprobe = static_cast<std::size_t>(std::atoll(argv[3]));
    omp_set_num_threads(std::atoi(argv[4]));
    std::vector<float> distances(static_cast<std::size_t>(queries * k));
    std::vector<faiss::Index::idx_t> labels(distances.size());
    partita::obs::Stopwatch const watch;
    std::clock_t const begin = std::clock();
    ivf->search(queries, vectors.data(), k, distances.data(), labels.data());
    double const processor = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf(
        "{\"name\": \"knn.faiss_graph\", \"rows\": %lld, \"lists\": %zu, \"nprobe\": %zu, "
        "\"threads\": %s, \"queries\": %lld, \"seconds\": %.2f, "
        "\"processor_us_per_query\": %.1f}\n",
        static_cast<long long>(ivf->ntotal), ivf->nlist, ivf->nprobe, argv[4],
        static_cast<long long>(queries), watch.seconds(),
        processor * 1e6 / static_cast<double>(queries));
    return 0;
}
