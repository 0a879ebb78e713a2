#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace partita::dataset {

/// Moments and extremes of numbers, added one by one or merged (Chan, Golub, LeVeque, 1979).
struct Stats {
    std::int64_t count = 0;
    double mean = 0;
    double squares = 0;  ///< Sum of squared differences from the mean.
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();

    void add(double value) {
        ++count;
        double const difference = value - mean;
        mean += difference / static_cast<double>(count);
        squares += difference * (value - mean);
        min = std::min(min, value);
        max = std::max(max, value);
    }
    void merge(Stats const& other) {
        if (other.count == 0) return;
        auto const n = static_cast<double>(count), m = static_cast<double>(other.count);
        double const difference = other.mean - mean;
        count += other.count;
        mean += difference * m / (n + m);
        squares += other.squares + difference * difference * n * m / (n + m);
        min = std::min(min, other.min);
        max = std::max(max, other.max);
    }

    double sum() const { return mean * static_cast<double>(count); }
    double variance() const { return squares / static_cast<double>(count); }  ///< Of a population.
    double sample_variance() const { return squares / static_cast<double>(count - 1); }
    double standard_deviation() const { return std::sqrt(variance()); }
    double sample_standard_deviation() const { return std::sqrt(sample_variance()); }
};

}  // namespace partita::dataset
