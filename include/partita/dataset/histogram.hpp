#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace partita::dataset {

/// How many numbers lie in each interval: counts[i] in [bounds[i], bounds[i + 1]), the last
/// interval with its end.
struct Histogram {
    std::vector<double> bounds;  ///< Ascending, one more than counts.
    std::vector<std::int64_t> counts;
};

/// The bounds of `buckets` intervals of one width; of a single one when min equals max.
std::vector<double> even_bounds(double min, double max, std::int64_t buckets);

/// @throws Error unless there are at least two bounds, ascending.
void check_bounds(std::vector<double> const& bounds);

/// Counts the numbers between bounds; others, and NaNs, are left out.
template <class Input>
Histogram histogram(Input const& input, std::vector<double> bounds) {
    collectively(input.context().comm(), "histogram", [&] { check_bounds(bounds); });
    std::vector<std::int64_t> counts(bounds.size() - 1, 0);
    std::mutex mutex;
    run_partitions(input.plan(), "histogram", [&](std::int64_t partition) {
        std::vector<std::int64_t> local(counts.size(), 0);
        input.push()(partition, [&](auto item) {
            auto const value = static_cast<double>(item);
            if (!(value >= bounds.front() && value <= bounds.back())) return;
            auto const above = std::upper_bound(bounds.begin(), bounds.end() - 1, value);
            ++local[static_cast<std::size_t>(above - bounds.begin()) - 1];
        });
        std::lock_guard const lock(mutex);
        for (std::size_t i = 0; i < local.size(); ++i) counts[i] += local[i];
    });
    input.context().comm().all_reduce(std::span(counts), Reduce::sum);
    return {std::move(bounds), std::move(counts)};
}

}  // namespace partita::dataset
