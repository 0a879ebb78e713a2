#include "partita/dataset/histogram.hpp"

namespace partita::dataset {

std::vector<double> even_bounds(double min, double max, std::int64_t buckets) {
    if (min == max) return {min, max};
    std::vector<double> bounds;
    bounds.reserve(static_cast<std::size_t>(buckets) + 1);
    for (std::int64_t i = 0; i < buckets; ++i)
        bounds.push_back(min + (max - min) * static_cast<double>(i) / static_cast<double>(buckets));
    bounds.push_back(max);
    return bounds;
}

void check_bounds(std::vector<double> const& bounds) {
    check(bounds.size() >= 2, "expected at least 2 bounds, got {}", bounds.size());
    for (std::size_t i = 1; i < bounds.size(); ++i)
        check(bounds[i - 1] < bounds[i] || (bounds.size() == 2 && bounds[0] == bounds[1]),
              "expected ascending bounds, got {} before {}", bounds[i - 1], bounds[i]);
}

}  // namespace partita::dataset
