#include "knn/radius_rows.hpp"

#include "knn/all_within.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace partita::knn {

namespace {

/// An entry of a result and of the vectors that grow while it is made.
constexpr std::int64_t bytes_per_neighbor = 64;
constexpr std::int64_t growth = 4;

double printed(Metric metric, double rank) { return metric == Metric::l2 ? std::sqrt(rank) : rank; }

}  // namespace

/// What is known of a call's queries.
struct RadiusRows::Found {
    struct Row {
        std::vector<std::int64_t> positions;
        std::vector<float> distances;
    };
    std::vector<Row> rows;
    std::vector<std::int64_t> pending;  ///< Queries whose k nearest all lie within.
    std::int64_t entries = 0;
};

RadiusRows::RadiusRows(Communicator const& comm, BatchSearcher const& index, double radius,
                       SearchOptions const& options, std::int64_t memory_bytes)
    : comm_(comm), index_(index), radius_(radius), options_(options), memory_bytes_(memory_bytes) {}

std::int64_t RadiusRows::fitting_queries() const {
    double const working =
        static_cast<double>(index_.workspace_per_query(1, options_)) + sizeof(NeighborRows);
    double const bytes =
        static_cast<double>(index_.dim()) * 4 + working + 2 * mean_ * bytes_per_neighbor;
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(memory_bytes_) / 3 / bytes), 1, 1 << 18);
}

std::int64_t RadiusRows::queries_at_once(std::int64_t k) const {
    std::int64_t const per_query =
        index_.workspace_per_query(k, options_) + k * 40 + index_.dim() * 4;
    return memory_bytes_ / 3 / per_query;
}

std::optional<NeighborRows> RadiusRows::find(MatrixView queries) {
    if (index_.can_search_within()) {
        std::optional<NeighborRows> rows = index_.search_within(
            queries, radius_, memory_bytes_ / 3 / AllWithin::bytes_per_entry, options_);
        if (rows) learn(*rows);
        return rows;
    }
    return find_nearest(queries);
}

/// Ask for the k nearest, with a k that grows until they reach beyond the radius.
std::optional<NeighborRows> RadiusRows::find_nearest(MatrixView queries) {
    Found found;
    found.rows.resize(static_cast<std::size_t>(queries.rows));
    for (std::int64_t q = 0; q < queries.rows; ++q) found.pending.push_back(q);
    std::int64_t k = std::min(comm_.all_reduce(first_k_, Reduce::max), index_.rows());
    while (comm_.all_reduce(found.pending.empty() ? 0 : 1, Reduce::max) == 1 && k > 0) {
        if (!search_pending(queries, k, found)) return std::nullopt;
        if (k == index_.rows()) break;
        k = std::min(k * growth, index_.rows());
    }
    decide_border(queries, found);
    NeighborRows const rows = collectively(comm_, "search", [&] {
        NeighborRows all;
        for (Found::Row& row : found.rows) {
            for (std::size_t i = 0; i < row.positions.size(); ++i)
                all.add(row.positions[i], row.distances[i]);
            all.end_query();
            row = {};
        }
        return all;
    });
    learn(rows);
    return rows;
}

/// One search of all that are pending, a batch that fits at a time. False when there is too much.
bool RadiusRows::search_pending(MatrixView queries, std::int64_t k, Found& found) const {
    std::int64_t const fitting = comm_.all_reduce(queries_at_once(k), Reduce::min);
    if (fitting == 0) return false;
    std::vector<std::int64_t> const asked = std::exchange(found.pending, {});
    std::int64_t const most = comm_.all_reduce(std::ssize(asked), Reduce::max);
    for (std::int64_t first = 0; first < most; first += fitting) {
        std::int64_t const begin = std::min(first, std::ssize(asked));
        std::int64_t const count = std::min(fitting, std::ssize(asked) - begin);
        Matrix batch = collectively(comm_, "search", [&] {
            Matrix rows(count, queries.cols);
            for (std::int64_t i = 0; i < count; ++i)
                std::copy_n(queries.row_data(asked[static_cast<std::size_t>(begin + i)]),
                            queries.cols, rows.row(i));
            return rows;
        });
        Neighbors const nearest = index_.search(batch.view(), k, options_);
        collectively(comm_, "search", [&] {
            for (std::int64_t i = 0; i < count; ++i)
                take(nearest, i, asked[static_cast<std::size_t>(begin + i)], found);
        });
        bool const too_much =
            found.entries * bytes_per_neighbor > memory_bytes_ / 3 && queries.rows > 1;
        if (comm_.all_reduce(too_much ? 1 : 0, Reduce::max) == 1) return false;
    }
    return true;
}

/// Keep row i's neighbours if they reach beyond the radius, else ask again for more.
void RadiusRows::take(Neighbors const& nearest, std::int64_t i, std::int64_t query,
                      Found& found) const {
    std::int64_t const k = nearest.k();
    auto const limit = static_cast<float>(radius_);
    std::int64_t const* positions = nearest.positions.row(i);
    float const* distances = nearest.distances.row(i);
    std::int64_t count = 0;
    while (count < k && positions[count] >= 0 && distances[count] <= limit) ++count;
    if (count == k && k < index_.rows()) return found.pending.push_back(query);
    Found::Row& row = found.rows[static_cast<std::size_t>(query)];
    row.positions.assign(positions, positions + count);
    row.distances.assign(distances, distances + count);
    found.entries += count;
}

/// Rounding to what is printed keeps the order, so only those that print as the radius may lie
/// beyond it.
void RadiusRows::decide_border(MatrixView queries, Found& found) const {
    auto const limit = static_cast<float>(radius_);
    std::vector<std::int64_t> positions;
    auto const border_of = [&](Found::Row const& row) {
        return std::lower_bound(row.distances.begin(), row.distances.end(), limit) -
               row.distances.begin();
    };
    for (Found::Row const& row : found.rows)
        positions.insert(positions.end(), row.positions.begin() + border_of(row),
                         row.positions.end());
    if (comm_.all_reduce(std::ssize(positions), Reduce::max) == 0) return;
    Matrix const vectors = index_.vectors_at(positions);
    Metric const metric = index_.info().metric;
    std::int64_t next = 0;
    for (std::int64_t q = 0; q < queries.rows; ++q) {
        Found::Row& row = found.rows[static_cast<std::size_t>(q)];
        auto const begin = static_cast<std::size_t>(border_of(row));
        std::size_t kept = begin;
        for (std::size_t i = begin; i < row.positions.size(); ++i) {
            double const rank =
                rank_distance(metric, queries.row_data(q), vectors.row(next++), queries.cols);
            if (printed(metric, rank) > radius_) continue;
            row.positions[kept] = row.positions[i];
            row.distances[kept++] = row.distances[i];
        }
        row.positions.resize(kept);
        row.distances.resize(kept);
    }
}

/// The next call begins with a k that would have satisfied nearly all of these.
void RadiusRows::learn(NeighborRows const& rows) {
    std::vector<std::int64_t> counts;
    for (std::int64_t q = 0; q < rows.queries(); ++q) counts.push_back(rows.count_of(q));
    if (counts.empty()) return;
    auto const high = counts.begin() + (std::ssize(counts) * 15 / 16);
    std::nth_element(counts.begin(), high, counts.end());
    first_k_ = std::max<std::int64_t>(*high + *high / 8 + 1, 8);
    mean_ = std::max(mean_ / 2, static_cast<double>(rows.positions.size()) /
                                    static_cast<double>(rows.queries()));
}

}  // namespace partita::knn
