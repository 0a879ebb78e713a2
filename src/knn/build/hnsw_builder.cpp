#include "knn/build/builders.hpp"
#include "knn/build/graph_linker.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/io/shared_file.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <numeric>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr int default_ef_search = 64;

std::int64_t reading_block_rows(IndexInfo const& info) {
    return std::clamp<std::int64_t>((std::int64_t{4} << 20) / (info.dim * 4), 1, info.rows);
}

void check_memory(BuildOptions const& options, IndexInfo const& info, std::int64_t rows,
                  int threads) {
    std::int64_t const bytes = GrowingGraph::memory_bytes(rows, info.dim, options.links) +
                               linking_memory_bytes(rows, options.links, threads) +
                               reading_block_rows(info) * info.dim * 4;
    check(bytes <= options.memory_bytes,
          "an hnsw graph of {} vectors needs {} on a rank, which may use {}: give more --memory, "
          "more --shards, or --type ivf",
          format_count(rows), format_bytes(static_cast<double>(bytes)),
          format_bytes(static_cast<double>(options.memory_bytes)));
}

/// Graphs of runs of rows; each rank builds some, one after the other, in its memory.
class GraphBuilder {
  public:
    GraphBuilder(Communicator const& comm, io::VectorSource const& source,
                 BuildOptions const& options, IndexInfo& info)
        : comm_(comm),
          source_(source),
          options_(options),
          info_(info),
          shards_(std::min(options.shards, info.rows)),
          threads_(options.threads > 0 ? options.threads : omp_get_max_threads()) {}

    void run(std::string const& path) {
        std::vector<std::byte> prefix;
        collectively(comm_, "", [&] {
            check_memory(options_, info_, rows_of(0).size(), threads_);
            for (std::int64_t i = 0; i < shards_; ++i)
                bytes_.push_back(GrowingGraph::file_bytes(rows_of(i).size(), info_.dim,
                                                          options_.links, options_.seed));
            if (shards_ > 1)
                prefix = graph_parts_prefix(info_.rows, info_.dim, is_l2(options_.metric), bytes_);
        });
        std::int64_t const all = std::accumulate(bytes_.begin(), bytes_.end(), std::ssize(prefix));
        io::SharedFile file(comm_, path, all, options_.overwrite);
        std::int64_t const mine = (shards_ + comm_.size() - 1 - comm_.rank()) / comm_.size();
        obs::Progress progress("build", "vectors", info_.rows * mine / shards_, info_.rows);
        collectively(comm_, "", [&] {
            if (comm_.is_root() && shards_ > 1) file.write_at(0, prefix.data(), std::ssize(prefix));
            std::int64_t offset = std::ssize(prefix);
            for (std::int64_t i = 0; i < shards_; ++i) {
                if (i % comm_.size() == comm_.rank()) build(rows_of(i), file, offset, progress);
                offset += bytes_[static_cast<std::size_t>(i)];
            }
        });
        file.commit();
        obs::emit("knn.link", {{"vectors", info_.rows},
                               {"read_seconds", read_seconds_},
                               {"link_seconds", link_seconds_},
                               {"write_seconds", write_seconds_}});
    }

  private:
    RowRange rows_of(std::int64_t shard) const { return share_of(info_.rows, shards_, shard); }

    void build(RowRange rows, io::SharedFile const& file, std::int64_t offset,
               obs::Progress& progress) {
        obs::Stopwatch watch;
        GrowingGraph graph(rows.size(), info_.dim, options_.links, is_l2(options_.metric),
                           options_.seed);
        read_vectors(rows, graph);
        double const read = watch.seconds();
        link_graph(graph, {.ef_construction = options_.ef_construction,
                           .seed = options_.seed,
                           .threads = threads_,
                           .progress = [&](std::int64_t linked) { progress.add(linked); }});
        double const linked = watch.seconds();
        graph.write([&](std::int64_t at, void const* data,
                        std::int64_t bytes) { file.write_at(offset + at, data, bytes); },
                    static_cast<int>(options_.ef_construction), default_ef_search);
        read_seconds_ += read;
        link_seconds_ += linked - read;
        write_seconds_ += watch.seconds() - linked;
    }

    void read_vectors(RowRange rows, GrowingGraph& graph) {
        std::int64_t const block = reading_block_rows(info_);
        for (std::int64_t first = rows.first; first < rows.last; first += block) {
            RowRange const part{first, std::min(first + block, rows.last)};
            Matrix const vectors =
                read_for_metric(source_, part, options_.metric, info_.zero_vectors);
            std::copy_n(vectors.data(), part.size() * info_.dim, graph.vector(first - rows.first));
        }
    }

    Communicator const& comm_;
    io::VectorSource const& source_;
    BuildOptions const& options_;
    IndexInfo& info_;
    std::int64_t shards_;
    int threads_;
    std::vector<std::int64_t> bytes_;
    double read_seconds_ = 0, link_seconds_ = 0, write_seconds_ = 0;
};

}  // namespace

void build_hnsw(Communicator const& comm, io::VectorSource const& source, std::string const& path,
                BuildOptions const& options, IndexInfo& info) {
    info.links = options.links;
    GraphBuilder(comm, source, options, info).run(path);
}

}  // namespace partita::knn
