#pragma once

#include "partita/dataset/context.hpp"

#include <cstdint>
#include <mutex>

namespace partita::dataset {

/// Decides whether what is spilled gets compressed: where scratch is so slow that writing and
/// reading fewer bytes saves more than compressing costs. Both are measured as it goes, by trying
/// the other way now and then. Thread-safe.
class SpillPolicy {
  public:
    explicit SpillPolicy(SpillCompression choice) : choice_(choice) {}

    /// Whether to compress the next block.
    bool compress_next();

    void wrote(std::int64_t bytes, double seconds);
    void compressed(std::int64_t bytes, std::int64_t to_bytes, double seconds);

    /// Whether compressing saves time, by what was measured so far.
    bool pays() const;

  private:
    SpillCompression choice_;
    mutable std::mutex mutex_;
    std::int64_t blocks_ = 0;
    // A byte's seconds to write and to compress, and the bytes it becomes: recent ones weigh most.
    double write_ = 0, compress_ = 0, size_ = 0;
};

}  // namespace partita::dataset
