#include "knn/candidate_pool.hpp"

#include <algorithm>
#include <thread>

namespace partita::knn {

CandidatePool::CandidatePool(std::int64_t queries, std::int64_t k)
    : k_(k),
      capacity_(capacity(k)),
      slots_(std::make_unique<Slot[]>(static_cast<std::size_t>(queries))),
      candidates_(queries * capacity_) {}

std::int64_t CandidatePool::capacity(std::int64_t k) {
    // More room beyond k would mean fewer compactions, but a threshold that rises later.
    return k + std::max<std::int64_t>(k, 38);
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

bool CandidatePool::drop_by_bounds(Slot& slot, Candidate* held) {
    Candidate* const end = held + slot.count;
    std::nth_element(held, held + k_ - 1, end,
                     [](Candidate const& a, Candidate const& b) { return a.lower > b.lower; });
    float const threshold =
        std::max(slot.threshold.load(std::memory_order_relaxed), held[k_ - 1].lower);
    slot.threshold.store(threshold, std::memory_order_relaxed);
    slot.count =
        std::partition(held, end, [&](Candidate const& c) { return c.upper >= threshold; }) - held;
    return slot.count - k_ <= (capacity_ - k_) / 2;
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
