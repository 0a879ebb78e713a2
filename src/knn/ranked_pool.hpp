#pragma once

#include "knn/ranked_neighbors.hpp"

#include "partita/core/buffer.hpp"
#include "partita/knn/metric.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace partita::knn {

/// The k nearest of each query of a block, ranked as they come: for vectors that are at hand while
/// they are scanned. See CandidatePool for those that are not.
///
/// A query's threshold is the score of its k-th nearest so far. Safe for concurrent use; what is
/// left at the end does not depend on the order in which vectors came.
class RankedPool {
  public:
    RankedPool(std::int64_t queries, std::int64_t k, Metric metric);

    static std::int64_t bytes_per_query(std::int64_t k) {
        return static_cast<std::int64_t>(sizeof(Slot)) +
               k * static_cast<std::int64_t>(sizeof(RankedNeighbor));
    }

    /// Before anything is added. See score_at_distance.
    void set_query(std::int64_t query, double squared_length, bool zero) {
        slots_[query].squared_length = squared_length;
        slots_[query].zero = zero;
    }

    /// Scores below it, less their slack, are of no use.
    float threshold(std::int64_t query) const {
        return slots_[query].threshold.load(std::memory_order_relaxed);
    }

    /// Bring the threshold nearer, and what add() will touch.
    void fetch_state(std::int64_t query) const { __builtin_prefetch(&slots_[query]); }
    void fetch(std::int64_t query) const {
        fetch_state(query);
        auto const* const first = reinterpret_cast<char const*>(nearest_.data() + query * k_);
        for (std::int64_t byte = 0; byte < fetched_bytes(); byte += 64)
            __builtin_prefetch(first + byte);
    }

    /// Offer vectors to a query. Returns how many are among its k nearest so far.
    std::int64_t add(std::int64_t query, std::span<RankedNeighbor const> found);

    /// The nearest of a query, at most k, ascending. Ends the query.
    std::span<RankedNeighbor const> take(std::int64_t query);

  private:
    struct alignas(32) Slot {
        std::atomic<float> threshold{-std::numeric_limits<float>::infinity()};
        std::atomic<bool> locked{false};
        bool zero = false;
        std::int64_t count = 0;
        double squared_length = 0;
    };

    /// What a heap of k touches at its top.
    std::int64_t fetched_bytes() const {
        return std::min<std::int64_t>(k_ * static_cast<std::int64_t>(sizeof(RankedNeighbor)), 256);
    }

    std::int64_t k_;
    Metric metric_;
    std::unique_ptr<Slot[]> slots_;
    Buffer<RankedNeighbor> nearest_;  ///< k a query: a heap, the farthest first.
};

}  // namespace partita::knn
