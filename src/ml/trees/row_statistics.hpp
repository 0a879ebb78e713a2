#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// A row's part in histograms, as integers: sums of them are the same in any order.
///
/// A row's weight (second derivative, times drawn) takes 24 bits in units of its own, below a count
/// of rows, so that one addition carries both; sums over `rows_of_a_sum` rows fit.
struct WeightAndCount {
    static constexpr int weight_bits = 24, count_at = 44;
    static constexpr std::int64_t rows_of_a_sum = std::int64_t{1} << 19;

    static std::uint64_t of(std::int64_t weight) {
        return static_cast<std::uint64_t>(weight) | std::uint64_t{1} << count_at;
    }
    static std::int64_t weight(std::uint64_t sum) {
        return static_cast<std::int64_t>(sum & ((std::uint64_t{1} << count_at) - 1));
    }
    static std::int64_t count(std::uint64_t sum) {
        return static_cast<std::int64_t>(sum >> count_at);
    }
};

/// Two integers that are added at once: a gradient in fixed point, and a WeightAndCount.
typedef long long GradientCell __attribute__((vector_size(16)));

/// What each of this rank's rows adds to a histogram.
///
/// Gradients (regression, boosting, two classes): channels are the sum of gradients, of weights,
/// and the count of rows. Classes (three and more): a weight for each class, and the count.
struct RowStatistics {
    std::int64_t classes = 0;             ///< 0 = gradients.
    std::vector<GradientCell> gradients;  ///< One a row, or ...
    std::vector<std::uint64_t> weights;   ///< ... weights and counts ...
    std::vector<std::uint16_t> labels;    ///< ... with classes.
    std::vector<std::uint32_t> order;     ///< Rows that take part, ascending.
    double gradient_unit = 1, weight_unit = 1;

    std::int64_t channels() const { return classes > 0 ? classes + 1 : 3; }
    double weight_of(std::span<std::int64_t const> sums) const;
    std::int64_t count_of(std::span<std::int64_t const> sums) const { return sums.back(); }
};

/// A power of two, so that integers of `bits` bits times it reach `largest`.
inline double unit_for(double largest, int bits) {
    return largest > 0 ? std::exp2(std::ceil(std::log2(largest)) - bits) : 1.0;
}

/// Bits for gradients of which `rows` are summed in 64.
inline int gradient_bits(std::int64_t rows) {
    int const needed = static_cast<int>(std::ceil(std::log2(static_cast<double>(rows) + 1)));
    return std::min(50, 62 - needed);
}

inline std::int64_t to_fixed(double x, double unit) {
    return static_cast<std::int64_t>(std::nearbyint(x / unit));
}

inline double RowStatistics::weight_of(std::span<std::int64_t const> sums) const {
    if (classes == 0) return static_cast<double>(sums[1]) * weight_unit;
    std::int64_t sum = 0;
    for (std::int64_t c = 0; c < classes; ++c) sum += sums[static_cast<std::size_t>(c)];
    return static_cast<double>(sum) * weight_unit;
}

}  // namespace partita::ml
