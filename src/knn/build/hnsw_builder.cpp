#include "knn/build/builders.hpp"
#include "knn/build/graph_linker.hpp"
#include "knn/index/open.hpp"

#include "partita/comm/on_root.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr int default_ef_search = 64;

std::int64_t reading_block_rows(IndexInfo const& info) {
    return std::clamp<std::int64_t>((std::int64_t{4} << 20) / (info.dim * 4), 1, info.rows);
}

void check_memory(BuildOptions const& options, IndexInfo const& info, int threads) {
    std::int64_t const bytes = GrowingGraph::memory_bytes(info.rows, info.dim, options.links) +
                               linking_memory_bytes(info.rows, options.links, threads) +
                               reading_block_rows(info) * info.dim * 4;
    check(bytes <= options.memory_bytes,
          "an hnsw index of {} vectors needs {} on rank 0, which may use {}: give more --memory, "
          "or --type ivf",
          format_count(info.rows), format_bytes(static_cast<double>(bytes)),
          format_bytes(static_cast<double>(options.memory_bytes)));
}

void read_vectors(io::VectorSource const& source, Metric metric, GrowingGraph& graph,
                  IndexInfo& info) {
    std::int64_t const block = reading_block_rows(info);
    for (std::int64_t first = 0; first < info.rows; first += block) {
        RowRange const part{first, std::min(first + block, info.rows)};
        Matrix const rows = read_for_metric(source, part, metric, info.zero_vectors);
        std::copy_n(rows.data(), part.size() * info.dim, graph.vector(first));
    }
}

void build_on_root(io::VectorSource const& source, std::string const& path,
                   BuildOptions const& options, IndexInfo& info) {
    int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
    check_memory(options, info, threads);
    AtomicFile file(path, options.overwrite);
    obs::Stopwatch watch;
    GrowingGraph graph(info.rows, info.dim, options.links, is_l2(options.metric), options.seed);
    read_vectors(source, options.metric, graph, info);
    double const read_seconds = watch.seconds();
    {
        obs::Progress progress("build", "vectors", info.rows, info.rows);
        link_graph(graph, {.ef_construction = options.ef_construction,
                           .seed = options.seed,
                           .threads = threads,
                           .progress = [&](std::int64_t linked) { progress.add(linked); }});
    }
    double const link_seconds = watch.seconds() - read_seconds;
    graph.write(file.temporary_path(), static_cast<int>(options.ef_construction),
                default_ef_search);
    file.commit();
    obs::emit("knn.link", {{"vectors", info.rows},
                           {"read_seconds", read_seconds},
                           {"link_seconds", link_seconds},
                           {"write_seconds", watch.seconds() - read_seconds - link_seconds}});
}

}  // namespace

void build_hnsw(Communicator const& comm, io::VectorSource const& source, std::string const& path,
                BuildOptions const& options, IndexInfo& info) {
    info.links = options.links;
    on_root(comm, [&] { build_on_root(source, path, options, info); });
}

}  // namespace partita::knn
