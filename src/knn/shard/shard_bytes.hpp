#pragma once

#include "partita/comm/topology.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace partita::knn {

/// A run of a file's bytes.
struct FilePart {
    std::int64_t offset = 0, bytes = 0;
};

/// This rank's parts of a file: in a mapping of the file where the rank sees it, else in its own
/// memory.
class ShardBytes {
  public:
    /// Each part, in the order in which they were asked for.
    std::byte const* part(std::size_t i) const { return parts_[i]; }
    bool is_mapped() const { return file_.size() > 0; }
    MappedFile const& mapping() const { return file_; }
    /// Of this process's own memory.
    std::int64_t private_bytes() const { return received_.size(); }

  private:
    friend class ShardLoader;

    MappedFile file_;
    Buffer<std::byte> received_;
    std::vector<std::byte const*> parts_;
};

/// @throws Error when a rank's share leaves too little of its memory to search with.
void check_share(std::vector<FilePart> const& parts, std::int64_t memory_bytes);

/// Does this rank see the file that root sees under this path?
///
/// Collective. Compares the length and a sample of the contents. With emulated nodes (see
/// Topology) only those on root's node do.
bool sees_roots_file(Communicator const& comm, Topology const& topology, std::string const& path);

/// Give each rank its parts of root's file: ranks that see it map it and touch their parts only;
/// the others' are sent, in bounded rounds, and nobody gets more than its parts.
///
/// Collective.
/// @param file      Root's mapping of it; unused elsewhere.
/// @param parts_of  The parts of any rank: called on root for all, elsewhere for the own rank.
/// @param memory_bytes  What a rank may use: for parts that must be sent to it, and for sending.
/// @throws CollectiveError when that is too little for a rank's parts.
ShardBytes load_shards(Communicator const& comm, Topology const& topology, std::string const& path,
                       MappedFile const& file,
                       std::function<std::vector<FilePart>(int rank)> const& parts_of,
                       std::int64_t memory_bytes);

}  // namespace partita::knn
