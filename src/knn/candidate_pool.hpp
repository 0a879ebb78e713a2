#pragma once

#include "partita/core/buffer.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace partita::knn {

/// A base vector that may be among a query's k nearest: bounds of its true score (larger is
/// nearer), and where it is.
struct Candidate {
    float lower, upper;
    std::int64_t position;
    float const* row;
};

/// A candidate with its exact distance; ordered by (distance, position).
struct RankedCandidate {
    double distance;
    Candidate candidate;

    friend bool operator<(RankedCandidate const& a, RankedCandidate const& b) {
        if (a.distance != b.distance) return a.distance < b.distance;
        return a.candidate.position < b.candidate.position;
    }
};

/// The candidates of each query of a block, in a bounded buffer per query.
///
/// A query's threshold is a score that at least k of the vectors seen so far certainly reach: a
/// vector whose upper bound lies below it cannot be among the k nearest. When a buffer is full,
/// the threshold is raised and what lies below it dropped. Where the bounds cannot tell enough of
/// the candidates apart (many equal distances), they are ranked exactly.
///
/// Safe for concurrent use; what is left at the end, once ranked, does not depend on the order in
/// which candidates came.
class CandidatePool {
  public:
    /// @param row_bytes  of a candidate's vector; 0 = equal bytes do not mean equal vectors.
    CandidatePool(std::int64_t queries, std::int64_t k, std::int64_t row_bytes);

    static std::int64_t capacity(std::int64_t k);  ///< Candidates that a query's buffer holds.
    static std::int64_t bytes_per_query(std::int64_t k);

    float threshold(std::int64_t query) const {
        return slots_[query].threshold.load(std::memory_order_relaxed);
    }

    /// Bring what add() will touch nearer: first the query's state, then, when that has come, the
    /// places where its next candidates go.
    void fetch_state(std::int64_t query) const { __builtin_prefetch(&slots_[query]); }
    void fetch_places(std::int64_t query) const {
        std::int64_t const next = std::min(slots_[query].count(), capacity_ - 1);
        float const* const bounds = bounds_.data() + query * 2 * capacity_ + next;
        __builtin_prefetch(bounds);
        __builtin_prefetch(bounds + capacity_);
        __builtin_prefetch(places_.data() + query * capacity_ + next);
    }

    /// Offer candidates to a query. `rank` tells a candidate's exact distance: double(Candidate).
    /// `arriving` tells that of the i-th of them, where it is at hand, else NaN: double(i).
    template <class Rank, class Arriving>
    void add(std::int64_t query, std::span<Candidate const> candidates, Rank const& rank,
             Arriving const& arriving, std::vector<RankedCandidate>& scratch);

    /// The at most k nearest of a query, nearest first, in `ranked`.
    template <class Rank>
    void rank_nearest(std::int64_t query, Rank const& rank, std::vector<RankedCandidate>& ranked);

    /// To rank all queries' candidates in another order: drop what bounds alone can tell; then
    /// count and place say what is left of a query, and rank_nearest takes their distances.
    void drop_by_bounds(std::int64_t query) {
        Slot& slot = slots_[query];
        if (slot.count() > k_) drop_by_bounds(slot, held(query));
    }
    std::int64_t count(std::int64_t query) const { return slots_[query].count(); }
    float const* place(std::int64_t query, std::int64_t i) const {
        return places_[query * capacity_ + i].row;
    }
    void rank_nearest(std::int64_t query, double const* distances,
                      std::vector<RankedCandidate>& ranked);

  private:
    struct alignas(32) Slot {
        std::atomic<float> threshold{-std::numeric_limits<float>::infinity()};
        std::atomic<bool> locked{false};
        bool settled = false;  ///< The candidate at k - 1 is the k-th nearest of those ranked.
        /// Written under the lock, but looked at without it to fetch ahead.
        std::atomic<std::int64_t> held{0};
        double kth_distance = 0;  ///< Where it is settled.

        std::int64_t count() const { return held.load(std::memory_order_relaxed); }
        void set_count(std::int64_t count) { held.store(count, std::memory_order_relaxed); }
    };

    /// A query's candidates: bounds apart from the rest, which is not looked at while selecting.
    struct Place {
        std::int64_t position;
        float const* row;
    };
    struct Held {
        float *lower, *upper;
        Place* places;

        Candidate operator[](std::int64_t i) const {
            return {lower[i], upper[i], places[i].position, places[i].row};
        }
        void set(std::int64_t i, Candidate const& c) const {
            lower[i] = c.lower;
            upper[i] = c.upper;
            places[i] = {c.position, c.row};
        }
    };

    Held held(std::int64_t query) {
        float* const bounds = bounds_.data() + query * 2 * capacity_;
        return {bounds, bounds + capacity_, places_.data() + query * capacity_};
    }
    static void lock(Slot& slot);
    /// Holds a query's lock, also when a vector cannot be read.
    class Locked {
      public:
        explicit Locked(Slot& slot) : slot_(slot) { lock(slot); }
        ~Locked() { slot_.locked.store(false, std::memory_order_release); }
        Locked(Locked const&) = delete;
        Locked& operator=(Locked const&) = delete;

      private:
        Slot& slot_;
    };
    /// As near as the k-th nearest, but behind it: many equal vectors need not all be ranked.
    template <class Distance>
    bool comes_too_late(Slot const& slot, Held held, Candidate const& candidate,
                        Distance const& distance) const {
        if (!slot.settled) return false;
        Place const& kth = held.places[k_ - 1];
        if (row_bytes_ > 0)
            return candidate.position > kth.position &&
                   std::memcmp(candidate.row, kth.row, row_bytes_) == 0;
        double const d = distance();
        return d > slot.kth_distance ||
               (d == slot.kth_distance && candidate.position > kth.position);
    }
    /// Raise the threshold, drop what lies below. Returns whether that made enough room.
    bool drop_by_bounds(Slot& slot, Held held) const;
    template <class Rank>
    void make_room(Slot& slot, Held held, Rank const& rank, std::vector<RankedCandidate>& scratch);
    /// Bring the k nearest to the front of `ranked`, in any order.
    void keep_nearest(std::vector<RankedCandidate>& ranked) const;
    static void sort_nearest(std::vector<RankedCandidate>& ranked);

    std::int64_t k_, capacity_;
    std::size_t row_bytes_;
    std::unique_ptr<Slot[]> slots_;
    Buffer<float> bounds_;
    Buffer<Place> places_;
};

template <class Rank, class Arriving>
void CandidatePool::add(std::int64_t query, std::span<Candidate const> candidates, Rank const& rank,
                        Arriving const& arriving, std::vector<RankedCandidate>& scratch) {
    Slot& slot = slots_[query];
    Held const held = this->held(query);
    Locked const locked(slot);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        Candidate const& candidate = candidates[i];
        if (candidate.upper < slot.threshold.load(std::memory_order_relaxed)) continue;
        if (comes_too_late(slot, held, candidate, [&] { return arriving(i); })) continue;
        if (slot.count() == capacity_) {
            make_room(slot, held, rank, scratch);
            if (candidate.upper < slot.threshold.load(std::memory_order_relaxed)) continue;
        }
        held.set(slot.count(), candidate);
        slot.set_count(slot.count() + 1);
    }
}

template <class Rank>
void CandidatePool::make_room(Slot& slot, Held held, Rank const& rank,
                              std::vector<RankedCandidate>& scratch) {
    if (drop_by_bounds(slot, held)) return;
    scratch.clear();
    for (std::int64_t i = 0; i < slot.count(); ++i) scratch.push_back({rank(held[i]), held[i]});
    keep_nearest(scratch);
    slot.set_count(std::ssize(scratch));
    for (std::int64_t i = 0; i < slot.count(); ++i)
        held.set(i, scratch[static_cast<std::size_t>(i)].candidate);
    slot.settled = true;
    slot.kth_distance = scratch[static_cast<std::size_t>(k_ - 1)].distance;
}

template <class Rank>
void CandidatePool::rank_nearest(std::int64_t query, Rank const& rank,
                                 std::vector<RankedCandidate>& ranked) {
    Slot& slot = slots_[query];
    Held const held = this->held(query);
    // Ranking reads the row from memory: first drop what the bounds alone can tell.
    if (slot.count() > k_) drop_by_bounds(slot, held);
    ranked.clear();
    for (std::int64_t i = 0; i < slot.count(); ++i) __builtin_prefetch(held.places[i].row);
    for (std::int64_t i = 0; i < slot.count(); ++i) ranked.push_back({rank(held[i]), held[i]});
    keep_nearest(ranked);
    sort_nearest(ranked);
}

}  // namespace partita::knn
