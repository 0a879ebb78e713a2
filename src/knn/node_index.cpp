#include "partita/knn/node_index.hpp"

#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/shard/sharded_searcher.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/file.hpp"
#include "partita/knn/build.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <omp.h>

namespace partita::knn {

namespace {

/// What root knows about the index.
struct Description {
    std::string sidecar;  ///< As JSON.
    std::string type;     ///< By the file itself.
    std::int64_t file_bytes = 0;
    bool can_be_shared = false;   ///< Among ranks.
    std::int64_t graph_rows = 0;  ///< hnsw: of the largest graph.
};

Description describe_on_root(Communicator const& comm, std::string const& path, bool cosine) {
    Description known;
    on_root(comm, [&] {
        check(file_exists(path), "{}: no such index", path);
        bool const has_sidecar = file_exists(sidecar_path(path));
        IndexInfo const info = inspect_index(path, cosine && !has_sidecar);
        known.sidecar = has_sidecar ? read_text_file(sidecar_path(path)) : to_json(info);
        known.type = info.type;
        known.file_bytes = File::open_read(path).size();
        known.can_be_shared = can_be_sharded(info.type);
        if (info.type != "hnsw") return;
        auto const graphs = read_graph_parts(MappedFile(path));
        known.can_be_shared = graphs.size() > 1;
        for (GraphPart const& graph : graphs)
            known.graph_rows = std::max(known.graph_rows, graph.rows.size());
    });
    known.sidecar = comm.broadcast(known.sidecar);
    known.type = comm.broadcast(known.type);
    known.file_bytes = comm.broadcast(known.file_bytes);
    known.can_be_shared = comm.broadcast(known.can_be_shared);
    known.graph_rows = comm.broadcast(known.graph_rows);
    return known;
}

std::string folder_of(std::string const& path) {
    auto const slash = path.find_last_of('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

class Distribution {
  public:
    Distribution(Communicator const& comm, Topology const& topology, std::string const& path,
                 DistributeOptions const& options)
        : comm_(comm), topology_(topology), path_(path), options_(options) {}

    NodeIndex run() {
        Description const known = describe_on_root(comm_, path_, options_.cosine);
        info_ = collectively(
            comm_, "", [&] { return index_info_from_json(known.sidecar, sidecar_path(path_)); });
        // A bare file does not say its hash.
        if (info_.data_hash == 0) on_root(comm_, [&] { info_.data_hash = hash_index_file(path_); });
        type_ = known.type;
        node_.data_hash = info_.data_hash = comm_.broadcast(info_.data_hash);
        node_.file_bytes = known.file_bytes;
        node_memory_ = comm_.all_reduce(options_.node_memory_bytes, Reduce::min);
        PlacementFacts facts{known.type,        known.file_bytes, node_memory_,
                             topology_.nodes(), comm_.size(),     known.can_be_shared};
        if (type_ == "hnsw")
            facts.workspace_bytes =
                comm_.all_reduce(graph_workspace_bytes(known.graph_rows, topology_.ranks_on_node(),
                                                       omp_get_max_threads()),
                                 Reduce::max);
        node_.placement =
            collectively(comm_, "", [&] { return choose_placement(options_.placement, facts); });
        bring_originals();
        node_.originals_on_disk = originals_on_disk();
        if (node_.placement.placement == Placement::shard)
            share_out(known.type);
        else
            replicate();
        bring_ids();
        return std::move(node_);
    }

  private:
    void replicate() {
        if (info_.data_hash == 0) on_root(comm_, [&] { info_.data_hash = hash_index_file(path_); });
        info_.data_hash = comm_.broadcast(info_.data_hash);
        node_.broadcast = broadcast_file(comm_, topology_, path_, file_options(info_.data_hash));
        BroadcastFileResult const& broadcast = node_.broadcast;
        obs::emit("knn.broadcast",
                  {{"bytes", broadcast.file_bytes},
                   {"nodes", std::int64_t{broadcast.nodes}},
                   {"nodes_that_had_it", std::int64_t{broadcast.nodes_that_had_it}},
                   {"seconds", broadcast.seconds},
                   {"gigabytes_per_second", broadcast.gigabytes_per_second}});
        node_.read_in_order = read_in_order();
        collectively(comm_, "", [&] {
            node_.index = open_index(broadcast.local_path, info_, node_.originals);
            if (node_.read_in_order) node_.index->keep_little_in_memory();
            if (node_.originals_on_disk) node_.index->keep_originals_on_disk();
        });
        node_.searcher = replicated_searcher(comm_, *node_.index, node_.file_bytes);
    }

    void share_out(std::string const& type) {
        obs::Stopwatch watch;
        on_root(comm_, [&] { check_index_file(path_, info_); });
        if (type == "flat")
            node_.searcher =
                sharded_flat_searcher(comm_, topology_, path_, info_, options_.memory_bytes);
        else if (type == "hnsw")
            node_.searcher =
                sharded_hnsw_searcher(comm_, topology_, path_, info_, options_.memory_bytes);
        else
            share_out_lists();
        node_.read_in_order = node_.searcher->reads_in_order();
        obs::emit("knn.shard", {{"bytes", node_.file_bytes},
                                {"share_bytes", node_.searcher->share_bytes()},
                                {"seconds", watch.seconds()}});
    }

    void share_out_lists() {
        IvfShardOptions shard;
        shard.originals = node_.originals;
        shard.originals_on_disk = node_.originals_on_disk;
        shard.sample = options_.sample_queries;
        shard.memory_bytes = options_.memory_bytes;
        shard.node_memory_bytes = node_memory_;
        node_.searcher = sharded_ivf_searcher(comm_, topology_, path_, info_, shard);
    }

    /// An index of which a node's memory cannot hold enough.
    bool read_in_order() const {
        return node_memory_ > 0 && (type_ == "ivf" || type_ == "flat") &&
               !fits_node(node_.file_bytes, node_memory_);
    }

    /// Does a node's memory not hold the vectors that lists hold codes of beside these?
    bool originals_on_disk() const {
        if (node_.originals.empty() || node_memory_ == 0) return false;
        std::int64_t const vectors = info_.rows * info_.dim * 4;
        return !fits_node(node_.file_bytes + vectors, node_memory_);
    }

    void bring_originals() {
        if (info_.originals_file.empty()) return;
        node_.originals = broadcast_file(comm_, topology_, folder_of(path_) + info_.originals_file,
                                         file_options(info_.originals_hash))
                              .local_path;
    }

    BroadcastFileOptions file_options(std::uint64_t known_hash) const {
        BroadcastFileOptions options;
        options.cache_dir = options_.cache_dir;
        options.known_hash = known_hash;
        return options;
    }

    void bring_ids() {
        if (info_.ids_file.empty()) return;
        std::string const local =
            broadcast_file(comm_, topology_, folder_of(path_) + info_.ids_file, file_options(0))
                .local_path;
        collectively(comm_, "", [&] { node_.ids = IdTable(local, info_.rows); });
    }

    Communicator const& comm_;
    Topology const& topology_;
    std::string const& path_;
    DistributeOptions const& options_;
    IndexInfo info_;
    std::string type_;  ///< By the file itself.
    std::int64_t node_memory_ = 0;
    NodeIndex node_;
};

}  // namespace

std::vector<std::string> NodeIndex::copies(std::string const& index_path) const {
    std::vector<std::string> all;
    for (auto const& [copy, original] : {std::pair{broadcast.local_path, index_path},
                                         std::pair{originals, originals_path(index_path)}})
        if (!copy.empty() && copy != std::filesystem::absolute(original)) all.push_back(copy);
    return all;
}

std::int64_t NodeIndex::bytes_in_memory() const {
    if (!index || read_in_order) return 0;
    bool const floats_too = !originals.empty() && !originals_on_disk;
    return file_bytes + (floats_too ? index->rows() * index->dim() * 4 : 0);
}

NodeIndex distribute_index(Communicator const& comm, Topology const& topology,
                           std::string const& path, DistributeOptions const& options) {
    return Distribution(comm, topology, path, options).run();
}

}  // namespace partita::knn
