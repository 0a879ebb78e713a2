#pragma once

#include "partita/dataset/context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace partita::dataset {

/// Root's bytes on every rank: small ones as a copy of each rank's, from 1 MiB on as one copy per
/// node in shared memory (where there is room for it). They count as kept data, a shared copy
/// shared out over the node's ranks.
class SharedBytes {
  public:
    /// Collective; other ranks' bytes are ignored.
    /// @throws CollectiveError when they exceed what a rank may keep.
    SharedBytes(Context const& context, std::span<std::byte const> roots);
    ~SharedBytes();
    SharedBytes(SharedBytes const&) = delete;
    SharedBytes& operator=(SharedBytes const&) = delete;

    std::span<std::byte const> bytes() const;
    /// Whether all ranks of the node see one copy.
    bool is_shared() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita::dataset
