#pragma once

#include "partita/comm/topology.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace partita {

struct BroadcastFileOptions {
    /// The folder for the nodes' copies: scratch on disk, or /dev/shm for node-shared memory.
    std::string cache_dir;
    /// One message of the pipeline.
    std::int64_t chunk_bytes = 8 << 20;
    /// The file's hash (hash_bytes of its contents) if root knows it already; 0 = not known.
    std::uint64_t known_hash = 0;
    /// Let root's node use the original file instead of a copy of it.
    bool root_node_uses_original = true;
    /// Called on root with (bytes sent, bytes in all).
    std::function<void(std::int64_t, std::int64_t)> progress;
};

/// What a broadcast did; the same on every rank but for local_path.
struct BroadcastFileResult {
    std::string local_path;  ///< This node's copy: open it read-only, map it, share it.
    std::int64_t file_bytes = 0;
    std::uint64_t hash = 0;  ///< hash_bytes of the contents.
    int nodes = 1;
    int nodes_that_had_it = 0;  ///< Found a copy with this hash (or the original) in place.
    double seconds = 0;
    double gigabytes_per_second = 0;  ///< file_bytes / seconds, 0 when nothing was sent.
};

/// Give every node one copy of root's file.
///
/// Collective. Root reads `path` (other ranks need not see it) and sends it to the node leaders in
/// pipelined chunks; each leader writes while it receives, verifies the hash and renames. A copy
/// stays in `cache_dir` under a name made of its hash, so a later job with the same file sends
/// nothing; copies that were half-written by a killed job are removed.
/// @throws CollectiveError when the file cannot be read, a copy cannot be written (disk full), or
///         the hash of a copy is wrong.
BroadcastFileResult broadcast_file(Communicator const& comm, Topology const& topology,
                                   std::string const& path, BroadcastFileOptions const& options);

}  // namespace partita
