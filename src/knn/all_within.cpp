#include "knn/all_within.hpp"

#include "knn/score_bounds.hpp"

#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

namespace partita::knn {

AllWithin::AllWithin(Metric metric, double radius, std::int64_t queries, std::int64_t most_entries)
    : metric_(metric),
      radius_(radius),
      most_entries_(most_entries),
      thresholds_(static_cast<std::size_t>(queries)),
      rows_(static_cast<std::size_t>(queries)) {}

void AllWithin::set_query(std::int64_t query, double squared_length, bool zero) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    double const radius = metric_ == Metric::l2 ? radius_ * radius_ : radius_;
    thresholds_[static_cast<std::size_t>(query)] =
        metric_ == Metric::l2 && radius_ < 0
            ? infinity
            : score_at_distance(metric_, radius, squared_length, zero);
}

bool AllWithin::contains(double rank_distance) const {
    return (metric_ == Metric::l2 ? std::sqrt(rank_distance) : rank_distance) <= radius_;
}

void AllWithin::add(std::int64_t query, std::int64_t position, double rank_distance) {
    entries_.fetch_add(1, std::memory_order_relaxed);
    Row& row = rows_[static_cast<std::size_t>(query)];
    while (row.locked.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    row.entries.push_back({rank_distance, position});
    row.locked.store(false, std::memory_order_release);
}

std::optional<NeighborRows> AllWithin::take() {
    std::optional<RankedRows> const ranked = take_ranked();
    if (!ranked) return std::nullopt;
    NeighborRows all;
    all.positions.reserve(ranked->entries.size());
    all.distances.reserve(ranked->entries.size());
    auto entry = ranked->entries.begin();
    for (std::int64_t count : ranked->counts) {
        for (std::int64_t i = 0; i < count; ++i, ++entry)
            all.add(entry->position, reported_distance(metric_, entry->distance));
        all.end_query();
    }
    return all;
}

std::optional<RankedRows> AllWithin::take_ranked() {
    if (is_too_much()) return std::nullopt;
    RankedRows all;
    all.entries.reserve(static_cast<std::size_t>(entries_.load()));
    for (Row& row : rows_) {
        std::sort(row.entries.begin(), row.entries.end());
        all.entries.insert(all.entries.end(), row.entries.begin(), row.entries.end());
        all.counts.push_back(std::ssize(row.entries));
        row.entries = {};
    }
    return all;
}

}  // namespace partita::knn
