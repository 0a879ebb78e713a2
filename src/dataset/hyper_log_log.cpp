#include "partita/dataset/hyper_log_log.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace partita::dataset {
namespace {

/// The contribution of registers that are still empty; x is their share (Ertl, 2017, equation 13).
double sigma(double x) {
    if (x == 1) return std::numeric_limits<double>::infinity();
    double weight = 1, sum = x, before = 0;
    do {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    } while (sum != before);
    return sum;
}

/// The same for registers that are full; x is the share of the others (equation 16).
double tau(double x) {
    if (x == 0 || x == 1) return 0;
    double weight = 1, sum = 1 - x, before = 0;
    do {
        before = sum;
        x = std::sqrt(x);
        weight *= 0.5;
        sum -= (1 - x) * (1 - x) * weight;
    } while (sum != before);
    return sum / 3;
}

}  // namespace

int HyperLogLog::precision_for(double relative_error) {
    check(relative_error >= 0.00026 && relative_error <= 0.26,
          "count_approx_distinct: expected a relative error in [0.00026, 0.26], got {}",
          relative_error);
    return std::clamp(static_cast<int>(std::ceil(2 * std::log2(1.054 / relative_error))), 4, 24);
}

void HyperLogLog::merge(HyperLogLog const& other) {
    for (std::size_t i = 0; i < registers_.size(); ++i)
        registers_[i] = std::max(registers_[i], other.registers_[i]);
}

double HyperLogLog::estimate() const {
    int const bits = 64 - precision_;
    std::array<double, 66> counts{};  // registers by their value
    for (std::uint8_t const value : registers_) ++counts[value];
    auto const m = static_cast<double>(registers_.size());
    double z = m * tau((m - counts[static_cast<std::size_t>(bits) + 1]) / m);
    for (int k = bits; k >= 1; --k) z = 0.5 * (z + counts[static_cast<std::size_t>(k)]);
    z += m * sigma(counts[0] / m);
    return m * m / (2 * std::numbers::ln2 * z);
}

}  // namespace partita::dataset
