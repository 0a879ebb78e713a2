// Builds an hnsw index of the vectors that `faiss_kernels_bench --dump FOLDER` wrote, and searches
// it on one thread with several breadths: one JSON line to set beside
// bench/compare/hnswlib_compare.

#include "timing.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/index.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace partita::bench {
namespace {

struct Settings {
    std::string folder;
    std::int64_t links = 32, ef_construction = 40;
    int threads = 2, repeat = 1;
    std::vector<std::int64_t> ef{16, 24, 32, 48, 64};
};

std::vector<std::int64_t> read_truth(std::string const& file, std::int64_t size) {
    std::vector<std::int64_t> truth(static_cast<std::size_t>(size));
    std::ifstream(file, std::ios::binary)
        .read(reinterpret_cast<char*>(truth.data()), static_cast<std::streamsize>(size * 8));
    return truth;
}

double recall(knn::Neighbors const& found, std::vector<std::int64_t> const& truth) {
    std::int64_t const k = found.k();
    std::int64_t hits = 0;
    for (std::int64_t q = 0; q < found.queries(); ++q)
        for (std::int64_t j = 0; j < k; ++j)
            hits += std::count(truth.begin() + q * k, truth.begin() + (q + 1) * k,
                               found.positions.row(q)[j]);
    return static_cast<double>(hits) / static_cast<double>(truth.size());
}

void run(Communicator const& comm, Settings const& settings) {
    constexpr std::int64_t k = 10;
    auto const base = io::VectorSource::open(comm, settings.folder + "/base.fbin");
    auto const query_source = io::VectorSource::open(comm, settings.folder + "/queries.fbin");
    Matrix const queries = query_source.read(0, query_source.rows());
    auto const truth = read_truth(settings.folder + "/truth.i64", queries.rows() * k);
    std::string const path = settings.folder + "/hnsw.index";
    knn::BuildOptions options;
    options.type = "hnsw";
    options.links = settings.links;
    options.ef_construction = settings.ef_construction;
    options.threads = settings.threads;
    options.memory_bytes = std::int64_t{16} << 30;
    options.overwrite = true;
    Timing build;
    knn::IndexInfo info;
    for (int i = 0; i < settings.repeat; ++i)
        time_once(build, [&] { info = knn::build_index(comm, base, path, options); });
    auto const index = knn::open_index(path, info);
    nlohmann::ordered_json line = {{"name", "hnsw"},
                                   {"M", settings.links},
                                   {"ef_construction", settings.ef_construction},
                                   {"base", base.rows()},
                                   {"dim", base.dim()},
                                   {"queries", queries.rows()},
                                   {"k", k},
                                   {"build_threads", settings.threads},
                                   {"build_seconds", build.min()},
                                   {"build_processor_seconds", build.min_processor()},
                                   {"search_threads", 1}};
    for (std::int64_t ef : settings.ef) {
        knn::SearchOptions search;
        search.effort = ef;
        search.threads = 1;
        Timing timing;
        knn::Neighbors found;
        for (int i = 0; i < 3; ++i)
            time_once(timing, [&] { found = index->search(queries.view(), k, search); });
        line["curve"].push_back({{"ef", ef},
                                 {"recall_at_10", recall(found, truth)},
                                 {"us_per_query", timing.min() * 1e6 / queries.rows()}});
    }
    std::puts(line.dump().c_str());
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    partita::bench::Settings settings;
    CLI::App app{"Our HNSW graphs: build, and recall by microseconds"};
    app.add_option("folder", settings.folder, "Of faiss_kernels_bench --dump")->required();
    app.add_option("--links", settings.links, "Links of each vector (M)");
    app.add_option("--ef-construction", settings.ef_construction, "Breadth while building");
    app.add_option("--threads", settings.threads, "Threads that build; one searches");
    app.add_option("--repeat", settings.repeat, "Builds; the quickest counts");
    app.add_option("--ef", settings.ef, "Breadths of search");
    CLI11_PARSE(app, argc, argv);
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::run(comm, settings);
        return 0;
    });
}
