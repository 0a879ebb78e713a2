#pragma once

#include "comm/copy_target.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace partita {

/// A file's way along a chain of ranks: the first reads it, each other receives chunks from its
/// predecessor and hands them on to its successor while the next ones arrive. All have the file
/// after one transfer's time and a few chunks, however long the chain.
///
/// A failure on one rank must not stop the others: it is remembered, the chunks go on (whatever
/// they hold), and the ranks agree afterwards.
struct ChainLink {
    ChainLink(Communicator const& comm, Chunks chunks);

    Communicator const& comm;
    Chunks chunks;
    int previous = MPI_PROC_NULL;  ///< Whom to receive from; nobody for the first.
    int next = MPI_PROC_NULL;      ///< Whom to send to; nobody for the last.
    CopyTarget* target = nullptr;  ///< Where this rank's copy goes; the first may have none.
    /// The first rank need not compute the hash: it is known, and the receivers check against it.
    bool skip_hash = false;
    /// Room for the chunks in hand: what the first reads, or what no longer finds its target.
    Buffer<std::byte> buffers;

    std::byte* buffer(std::int64_t chunk) {
        return buffers.data() + chunk % chunks_in_hand * chunks.chunk_bytes;
    }
};

struct ChainOutcome {
    std::uint64_t hash = 0;              ///< hash_bytes of what passed through here, if computed.
    std::optional<std::string> failure;  ///< What went wrong here first.
};

/// The first rank's part. `progress` is called with the bytes that were handed on so far.
ChainOutcome send_along(ChainLink& link, File const& source,
                        std::function<void(std::int64_t)> const& progress);

/// Every other rank's part.
ChainOutcome receive_along(ChainLink& link);

}  // namespace partita
