#include "knn/self_queries.hpp"

#include <algorithm>

namespace partita::knn {

void count_self(Metric metric, std::span<float const> vector, std::int64_t self,
                Neighbors const& found, std::int64_t q, SearchReport& report) {
    bool const is_zero = std::all_of(vector.begin(), vector.end(), [](float x) { return x == 0; });
    if (metric == Metric::cosine && is_zero) {
        ++report.zero_queries;
        return;
    }
    // Under the inner product a longer vector may be nearer than the vector itself.
    if (self < 0 || metric == Metric::inner_product) return;
    ++report.self_possible;
    bool self_seen = found.positions.row(q)[0] == self, duplicate = false;
    for (std::int64_t j = 0; j < found.k() && found.distances.row(q)[j] == 0; ++j)
        (found.positions.row(q)[j] == self ? self_seen : duplicate) = true;
    // With more duplicates than k, the query's own position may be cut off.
    report.self_found += self_seen || duplicate;
    report.duplicates += duplicate;
}

void drop_self(Neighbors const& from, std::int64_t q, std::int64_t self, Neighbors& to) {
    std::int64_t const k = to.k();
    std::int64_t at = 0;
    for (std::int64_t j = 0; j <= k && at < k; ++j) {
        if (from.positions.row(q)[j] == self) continue;
        to.positions.row(q)[at] = from.positions.row(q)[j];
        to.distances.row(q)[at++] = from.distances.row(q)[j];
    }
}

}  // namespace partita::knn
