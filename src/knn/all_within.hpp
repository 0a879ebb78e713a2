#pragma once

#include "knn/ranked_neighbors.hpp"

#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace partita::knn {

/// What queries find within a radius, as it comes, up to a number. Thread-safe where it says so.
class AllWithin {
  public:
    AllWithin(Metric metric, double radius, std::int64_t queries, std::int64_t most_entries);

    /// The score that whatever lies within certainly reaches.
    /// @param squared_length  Of the query as it is scored.
    /// @param zero            Under cosine: it has no angle, and is 1 from everything.
    void set_query(std::int64_t query, double squared_length, bool zero);
    float threshold(std::int64_t query) const {
        return thresholds_[static_cast<std::size_t>(query)];
    }

    /// Does this distance, by which neighbours are ranked, lie within?
    bool contains(double rank_distance) const;
    /// Thread-safe.
    void add(std::int64_t query, std::int64_t position, double rank_distance);
    /// Is it in vain to look on? Thread-safe.
    bool is_too_much() const { return entries_.load(std::memory_order_relaxed) > most_entries_; }

    /// Nearest first; equal distances by position. Nothing if they were too many.
    std::optional<NeighborRows> take();
    /// The same with distances as they are ranked, to merge with other parts of a search.
    std::optional<RankedRows> take_ranked();

    /// Memory for each entry, while it is sorted.
    static constexpr std::int64_t bytes_per_entry = 48;

  private:
    /// A query's own, so that threads that scan for different queries do not meet.
    struct Row {
        std::atomic<bool> locked{false};
        std::vector<RankedNeighbor> entries;
    };

    Metric metric_;
    double radius_;
    std::int64_t most_entries_;
    std::vector<float> thresholds_;
    std::vector<Row> rows_;
    std::atomic<std::int64_t> entries_{0};
};

}  // namespace partita::knn
