#include "knn/radius_rows.hpp"

#include "knn/all_within.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

/// An entry of a result and of the vectors that grow while it is made.
constexpr std::int64_t bytes_per_neighbor = 64;

}  // namespace

RadiusRows::RadiusRows(BatchSearcher const& index, double radius, SearchOptions const& options,
                       std::int64_t memory_bytes)
    : index_(index), radius_(radius), options_(options), memory_bytes_(memory_bytes) {}

std::int64_t RadiusRows::fitting_queries() const {
    double const working =
        static_cast<double>(index_.workspace_per_query(1, options_)) + sizeof(NeighborRows);
    double const bytes =
        static_cast<double>(index_.dim()) * 4 + working + 2 * mean_ * bytes_per_neighbor;
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(memory_bytes_) / 3 / bytes), 1, 1 << 18);
}

std::optional<NeighborRows> RadiusRows::find(MatrixView queries) {
    std::optional<NeighborRows> rows = index_.search_within(
        queries, radius_, memory_bytes_ / 3 / AllWithin::bytes_per_entry, options_);
    if (rows) learn(*rows);
    return rows;
}

void RadiusRows::learn(NeighborRows const& rows) {
    if (rows.queries() == 0) return;
    mean_ = std::max(mean_ / 2, static_cast<double>(rows.positions.size()) /
                                    static_cast<double>(rows.queries()));
}

}  // namespace partita::knn
