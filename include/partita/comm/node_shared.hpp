#pragma once

#include "partita/comm/topology.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace partita {

/// Memory that all ranks of a node see at once: one copy per node.
///
/// It lives in /dev/shm without a name, so nothing stays behind however the job ends. Giving it up
/// is local: each rank may do so when it likes.
class NodeSharedMemory {
  public:
    /// Collective over the node. Allocates `bytes` (the leader's value counts), zero-filled.
    /// @throws CollectiveError when the node's shared memory (/dev/shm) is too small.
    NodeSharedMemory(Topology const& topology, std::int64_t bytes);
    ~NodeSharedMemory();
    NodeSharedMemory(NodeSharedMemory&&) noexcept;
    NodeSharedMemory& operator=(NodeSharedMemory&&) noexcept;

    std::byte* data() const;
    std::int64_t size() const;

    /// Collective over the node: what each rank wrote before is seen by all after.
    void synchronise() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita
