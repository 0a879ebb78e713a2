#include "partita/knn/node_index.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/file.hpp"
#include "partita/knn/build.hpp"
#include "partita/obs/events.hpp"

namespace partita::knn {

namespace {

/// What root knows about the index, as JSON, for all ranks.
std::string describe_on_root(Communicator const& comm, std::string const& path, bool cosine) {
    std::string text;
    on_root(comm, [&] {
        check(file_exists(path), "{}: no such index", path);
        if (file_exists(sidecar_path(path))) {
            text = read_text_file(sidecar_path(path));
            return;
        }
        IndexInfo info = inspect_index(path, cosine);
        info.data_hash = hash_index_file(path);
        text = to_json(info);
    });
    return comm.broadcast(text);
}

std::string folder_of(std::string const& path) {
    auto const slash = path.find_last_of('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

}  // namespace

NodeIndex distribute_index(Communicator const& comm, Topology const& topology,
                           std::string const& path, DistributeOptions const& options) {
    std::string const text = describe_on_root(comm, path, options.cosine);
    IndexInfo const info =
        collectively(comm, "", [&] { return index_info_from_json(text, sidecar_path(path)); });

    NodeIndex node;
    BroadcastFileOptions broadcast;
    broadcast.cache_dir = options.cache_dir;
    broadcast.known_hash = info.data_hash;
    node.broadcast = broadcast_file(comm, topology, path, broadcast);
    obs::emit("knn.broadcast",
              {{"bytes", node.broadcast.file_bytes},
               {"nodes", std::int64_t{node.broadcast.nodes}},
               {"nodes_that_had_it", std::int64_t{node.broadcast.nodes_that_had_it}},
               {"seconds", node.broadcast.seconds},
               {"gigabytes_per_second", node.broadcast.gigabytes_per_second}});
    std::string local_ids;
    if (!info.ids_file.empty()) {
        broadcast.known_hash = 0;
        local_ids =
            broadcast_file(comm, topology, folder_of(path) + info.ids_file, broadcast).local_path;
    }
    collectively(comm, "", [&] {
        node.index = open_index(node.broadcast.local_path, info);
        if (!local_ids.empty()) node.ids = IdTable(local_ids, info.rows);
    });
    node.searcher = replicated_searcher(comm, *node.index);
    return node;
}

}  // namespace partita::knn
