#include "knn/candidate_pool.hpp"

#include "knn/kernels/scan_kernels.hpp"

#include <algorithm>
#include <thread>

namespace partita::knn {

CandidatePool::CandidatePool(std::int64_t queries, std::int64_t k, std::int64_t row_bytes)
    : k_(k),
      capacity_(capacity(k)),
      row_bytes_(static_cast<std::size_t>(row_bytes)),
      slots_(std::make_unique<Slot[]>(static_cast<std::size_t>(queries))),
      bounds_(queries * 2 * capacity_),
      places_(queries * capacity_) {}

std::int64_t CandidatePool::capacity(std::int64_t k) {
    // More room beyond k would mean fewer compactions, but a threshold that rises later.
    // Whole vectors: see KthLargest.
    return (k + std::max<std::int64_t>(k, 38) + vector_columns - 1) / vector_columns *
           vector_columns;
}

std::int64_t CandidatePool::bytes_per_query(std::int64_t k) {
    return static_cast<std::int64_t>(sizeof(Slot)) +
           capacity(k) * static_cast<std::int64_t>(sizeof(Candidate));
}

void CandidatePool::lock(Slot& slot) {
    // Held for well under a microsecond as a rule; who waits longer waits for a thread that has
    // lost its processor, and had better give it one.
    for (int attempt = 0; slot.locked.exchange(true, std::memory_order_acquire); ++attempt)
        if (attempt >= 100) std::this_thread::yield();
}

bool CandidatePool::drop_by_bounds(Slot& slot, Held held) const {
    float const kth = scan_kernels().kth_largest(held.lower, slot.count(), k_);
    float const threshold = std::max(slot.threshold.load(std::memory_order_relaxed), kth);
    slot.threshold.store(threshold, std::memory_order_relaxed);
    std::int64_t kept = 0;
    std::int64_t const count = slot.count();
    for (std::int64_t i = 0; i < count; ++i) {
        held.set(kept, held[i]);
        kept += held.upper[i] >= threshold;
    }
    slot.set_count(kept);
    slot.settled = false;
    return kept - k_ <= (capacity_ - k_) / 2;
}

void CandidatePool::rank_nearest(std::int64_t query, double const* distances,
                                 std::vector<RankedCandidate>& ranked) {
    Held const held = this->held(query);
    ranked.clear();
    for (std::int64_t i = 0; i < count(query); ++i) ranked.push_back({distances[i], held[i]});
    keep_nearest(ranked);
    sort_nearest(ranked);
}

void CandidatePool::keep_nearest(std::vector<RankedCandidate>& ranked) const {
    auto const k = static_cast<std::size_t>(k_);
    if (ranked.size() <= k) return;
    std::nth_element(ranked.begin(), ranked.begin() + k_ - 1, ranked.end());
    ranked.resize(k);
}

void CandidatePool::sort_nearest(std::vector<RankedCandidate>& ranked) {
    std::sort(ranked.begin(), ranked.end());
}

}  // namespace partita::knn
