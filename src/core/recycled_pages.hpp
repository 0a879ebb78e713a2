#pragma once

#include <array>
#include <cstddef>
#include <mutex>

namespace partita {

/// Released mappings that wait to be asked for again: pages that this process has touched before
/// need not be cleared by the kernel once more, which costs as much as filling them.
///
/// A mapping is found again by its exact size. When more than the limit would wait, the oldest go.
/// Thread-safe.
class RecycledPages {
  public:
    /// At most so many bytes wait from now on.
    void limit(std::size_t bytes) noexcept;
    /// A waiting mapping of this size, or null.
    void* take(std::size_t bytes) noexcept;
    /// Keep a mapping, or unmap it when it is too large.
    void put(void* pages, std::size_t bytes) noexcept;
    /// Unmap all that wait.
    void clear() noexcept;

  private:
    struct Mapping {
        void* pages = nullptr;
        std::size_t bytes = 0;
    };

    void remove(std::size_t index) noexcept;
    void unmap_oldest() noexcept;

    std::mutex mutex_;
    std::array<Mapping, 32> waiting_;  // oldest first; an array, so that put cannot throw
    std::size_t count_ = 0;
    std::size_t total_bytes_ = 0;
    std::size_t most_bytes_ = std::size_t{256} << 20;
};

}  // namespace partita
