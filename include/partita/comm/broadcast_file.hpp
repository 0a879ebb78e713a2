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
    std::int64_t chunk_bytes = 4 << 20;
    /// The file's hash (hash_bytes of its contents) if root knows it already; 0 = not known. Saves
    /// root from hashing; receivers check against it.
    std::uint64_t known_hash = 0;
    /// Let root's node use the original file instead of a copy of it.
    bool root_node_uses_original = true;
    /// Hash a copy that is found in place, although its name and size are right.
    bool verify_copies = false;
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
/// Collective; `topology` is that of `comm`. Rank 0 is root: its path and options hold for all, but
/// for cache_dir, which each node's leader gives. Root reads the file (other nodes need not see
/// it) and sends chunks along a chain of node leaders; each stores them while the next arrive, and
/// checks the hash of all. In a folder in memory (/dev/shm) the copy gets huge pages if possible.
///
/// A copy keeps the name `partita-cache-<hash>-<bytes>` in cache_dir, so that a later job with the
/// same file sends nothing. Before a new one is made, those unused for longest are removed until
/// all together take at most half of the room that they and free space make. A copy is found by
/// that name and its size, and read again for its hash only if the machine was restarted since.
/// What killed jobs left half-written goes away when the next copy is made in that folder.
/// @throws CollectiveError when the file cannot be read, a copy cannot be written (disk full), or
///         the hash of a copy is wrong. Nothing is left behind then.
BroadcastFileResult broadcast_file(Communicator const& comm, Topology const& topology,
                                   std::string const& path, BroadcastFileOptions const& options);

}  // namespace partita
