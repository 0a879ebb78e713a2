#include "knn/ranked_pool.hpp"

#include "knn/score_bounds.hpp"

#include <algorithm>
#include <thread>

namespace partita::knn {
namespace {

/// Held for well under a microsecond as a rule; who waits longer waits for a thread that has lost
/// its processor, and had better give it one.
class Locked {
  public:
    explicit Locked(std::atomic<bool>& locked) : locked_(locked) {
        for (int attempt = 0; locked_.exchange(true, std::memory_order_acquire); ++attempt)
            if (attempt >= 100) std::this_thread::yield();
    }
    ~Locked() { locked_.store(false, std::memory_order_release); }
    Locked(Locked const&) = delete;
    Locked& operator=(Locked const&) = delete;

  private:
    std::atomic<bool>& locked_;
};

}  // namespace

RankedPool::RankedPool(std::int64_t queries, std::int64_t k, Metric metric)
    : k_(k),
      metric_(metric),
      slots_(std::make_unique<Slot[]>(static_cast<std::size_t>(queries))),
      nearest_(queries * k) {}

std::int64_t RankedPool::add(std::int64_t query, std::span<RankedNeighbor const> found) {
    Slot& slot = slots_[query];
    RankedNeighbor* const heap = nearest_.data() + query * k_;
    std::int64_t taken = 0;
    Locked const locked(slot.locked);
    for (RankedNeighbor const& one : found) {
        if (slot.count == k_) {
            if (!(one < heap[0])) continue;
            std::pop_heap(heap, heap + k_);
            heap[k_ - 1] = one;
        } else {
            heap[slot.count++] = one;
        }
        std::push_heap(heap, heap + slot.count);
        ++taken;
    }
    if (taken > 0 && slot.count == k_)
        slot.threshold.store(
            score_at_distance(metric_, heap[0].distance, slot.squared_length, slot.zero),
            std::memory_order_relaxed);
    return taken;
}

std::span<RankedNeighbor const> RankedPool::take(std::int64_t query) {
    RankedNeighbor* const heap = nearest_.data() + query * k_;
    std::int64_t const count = slots_[query].count;
    std::sort_heap(heap, heap + count);
    return {heap, static_cast<std::size_t>(count)};
}

}  // namespace partita::knn
