#pragma once

#include "partita/dataset/codec.hpp"
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

/// Most of what is exchanged is a single number of a key: a sixth of the bytes, rebuilt by adding
/// it.
template <>
struct partita::dataset::Codec<partita::cli::Totals> {
    using Totals = partita::cli::Totals;

    static std::int64_t size(Totals const& totals) {
        return 1 +
               static_cast<std::int64_t>(totals.stats.count == 1 ? sizeof(double) : sizeof(Totals));
    }
    static std::byte* write(std::byte* out, Totals const& totals) {
        bool const is_one = totals.stats.count == 1;
        *out++ = static_cast<std::byte>(is_one);
        if (is_one) {
            // The minimum keeps the sign of zero, the sum that it is not a number.
            double const value = std::isnan(totals.sum) ? totals.sum : totals.stats.min;
            return Codec<double>::write(out, value);
        }
        std::memcpy(out, &totals, sizeof totals);
        return out + sizeof totals;
    }
    static void read(PackedReader& in, Totals& totals) {
        std::uint8_t is_one;
        in.copy_to(is_one);
        if (!is_one) return in.copy_to(totals);
        double value;
        in.copy_to(value);
        totals = {};
        totals.add(value);
    }
};
