#pragma once

#include "partita/comm/node_shared.hpp"
#include "partita/comm/topology.hpp"

#include <optional>

namespace partita::cli {

/// While it lives, progress counts what all ranks of rank 0's node do, not rank 0 alone.
class SharedProgress {
  public:
    /// Collective. Where there is no shared memory, rank 0 goes on standing for all.
    explicit SharedProgress(Topology const& topology);
    ~SharedProgress();
    SharedProgress(SharedProgress const&) = delete;
    SharedProgress& operator=(SharedProgress const&) = delete;

  private:
    std::optional<NodeSharedMemory> memory_;
};

}  // namespace partita::cli
