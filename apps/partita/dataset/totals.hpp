#pragma once

#include "partita/dataset/stats.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace partita::cli {

/// What `reduce` can say of a key's numbers. Sums are exact beyond what a double holds, so that
/// those of whole numbers do not depend on their order (Knuth's two-sum).
struct Totals {
    dataset::Stats stats;
    double sum = 0, sum_error = 0;

    void add(double value) {
        stats.add(value);
        add_to_sum(value);
    }
    void merge(Totals const& other) {
        if (stats.count == 0) {
            *this = other;
            return;
        }
        stats.merge(other.stats);
        add_to_sum(other.sum);
        sum_error += other.sum_error;
    }

    /// Nothing where there is no answer: of no numbers, but for their count.
    std::optional<double> of(std::string_view what) const {
        if (stats.count == 0) return std::nullopt;
        if (what == "sum") return sum + sum_error;
        if (what == "mean") return (sum + sum_error) / static_cast<double>(stats.count);
        if (what == "min") return stats.min;
        if (what == "max") return stats.max;
        if (stats.count == 1) return std::nullopt;
        return stats.sample_standard_deviation();
    }

  private:
    void add_to_sum(double value) {
        double const next = sum + value;
        double const rounded = next - sum;
        double const error = (sum - (next - rounded)) + (value - rounded);
        if (std::isfinite(error)) sum_error += error;
        sum = next;
    }
};

}  // namespace partita::cli
