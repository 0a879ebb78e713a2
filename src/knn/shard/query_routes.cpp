#include "knn/shard/query_routes.hpp"

#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <omp.h>

namespace partita::knn {

namespace {

/// Calls visit(query, new_there, piece) for each piece that a query looks into, query by query;
/// new_there = the query's first at that piece's owner.
template <class Visitor>
void for_each_visit(std::span<std::int32_t const> probes, std::int64_t nprobe,
                    ListPlacement const& placement, Visitor const& visitor) {
    std::vector<std::int64_t> last_query(placement.rows.size(), -1);
    for (std::int64_t q = 0; q < std::ssize(probes) / nprobe; ++q)
        for (std::int64_t j = 0; j < nprobe; ++j) {
            std::int64_t const list = probes[static_cast<std::size_t>(q * nprobe + j)];
            std::int64_t piece = placement.first_piece[static_cast<std::size_t>(list)];
            for (ListPiece const& there : placement.of_list(list)) {
                std::int64_t& last = last_query[static_cast<std::size_t>(there.owner)];
                visitor(q, last != q, piece++, static_cast<std::size_t>(there.owner));
                last = q;
            }
        }
}

std::vector<std::int64_t> starts_of(std::vector<std::int64_t> const& counts) {
    std::vector<std::int64_t> starts(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), std::int64_t{0});
    return starts;
}

}  // namespace

QueryRoutes::QueryRoutes(std::span<std::int32_t const> probes, std::int64_t nprobe,
                         ListPlacement const& placement)
    : queries_to_(placement.rows.size()), visits_to_(placement.rows.size()) {
    for_each_visit(probes, nprobe, placement,
                   [&](std::int64_t, bool is_new, std::int64_t, std::size_t owner) {
                       queries_to_[owner] += is_new;
                       ++visits_to_[owner];
                   });
    auto const sum = [](auto const& counts) {
        return static_cast<std::size_t>(
            std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
    };
    queries_.resize(sum(queries_to_));
    visits_.resize(sum(visits_to_));
    std::vector<std::int64_t> const first = starts_of(queries_to_);
    std::vector<std::int64_t> next_query = first, next_visit = starts_of(visits_to_);
    for_each_visit(probes, nprobe, placement,
                   [&](std::int64_t q, bool is_new, std::int64_t piece, std::size_t owner) {
                       if (is_new)
                           queries_[static_cast<std::size_t>(next_query[owner]++)] =
                               static_cast<std::int32_t>(q);
                       visits_[static_cast<std::size_t>(next_visit[owner]++)] = {
                           static_cast<std::int32_t>(next_query[owner] - 1 - first[owner]),
                           static_cast<std::int32_t>(piece)};
                   });
}

QueryRoutes::QueryRoutes(std::int64_t queries, ListPlacement const& placement)
    : queries_to_(placement.rows.size()), visits_to_(placement.rows.size()) {
    for (std::size_t r = 0; r < placement.rows.size(); ++r) {
        if (placement.rows[r] == 0) continue;
        queries_to_[r] = queries;
        for (std::int64_t q = 0; q < queries; ++q) queries_.push_back(static_cast<std::int32_t>(q));
    }
}

Matrix QueryRoutes::pack(MatrixView vectors) const {
    Matrix packed(std::ssize(queries_), vectors.cols);
    for (std::int64_t i = 0; i < packed.rows(); ++i)
        std::memcpy(packed.row(i), vectors.row_data(queries_[static_cast<std::size_t>(i)]),
                    static_cast<std::size_t>(vectors.cols) * sizeof(float));
    return packed;
}

RankedNeighbors QueryRoutes::merge(std::span<RankedNeighbor const> found, std::int64_t own_queries,
                                   std::int64_t k, int threads) const {
    RankedNeighbors nearest(own_queries, k);
    std::fill_n(nearest.data(), own_queries * k, no_neighbor);
    auto const width = static_cast<std::size_t>(k);
    int const team = threads > 0 ? threads : omp_get_max_threads();
    std::vector<std::int64_t> const first = starts_of(queries_to_);
#pragma omp parallel num_threads(team)
    {
        std::vector<RankedNeighbor> scratch(width);
        // Within a rank's rows no query stands twice, so threads write different rows.
        for (std::size_t r = 0; r < queries_to_.size(); ++r) {
#pragma omp for schedule(static)
            for (std::int64_t i = first[r]; i < first[r] + queries_to_[r]; ++i) {
                std::int32_t const q = queries_[static_cast<std::size_t>(i)];
                merge_nearest({nearest.row(q), width},
                              found.subspan(static_cast<std::size_t>(i) * width, width), scratch);
            }
        }
    }
    return nearest;
}

NeighborRows QueryRoutes::merge_all(std::span<RankedNeighbor const> found,
                                    std::span<std::int64_t const> counts, std::int64_t own_queries,
                                    Metric metric) const {
    std::vector<std::int64_t> next(static_cast<std::size_t>(own_queries) + 1);
    for (std::size_t i = 0; i < counts.size(); ++i)
        next[static_cast<std::size_t>(queries_[i]) + 1] += counts[i];
    std::partial_sum(next.begin(), next.end(), next.begin());
    std::vector<RankedNeighbor> all(found.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        auto const count = static_cast<std::size_t>(counts[i]);
        std::int64_t& to = next[static_cast<std::size_t>(queries_[i])];
        std::copy_n(found.begin(), count, all.begin() + to);
        found = found.subspan(count);
        to += counts[i];
    }
    // Each has moved to where the next one's begin.
    NeighborRows rows;
    auto first = all.begin();
    for (std::int64_t q = 0; q < own_queries; ++q) {
        auto const last = all.begin() + next[static_cast<std::size_t>(q)];
        std::sort(first, last);
        for (; first != last; ++first)
            rows.add(first->position, reported_distance(metric, first->distance));
        rows.end_query();
    }
    return rows;
}

void number_throughout(std::span<Visit> visits, std::span<std::int64_t const> visits_from,
                       std::span<std::int64_t const> queries_from) {
    std::size_t at = 0;
    std::int64_t before = 0;
    for (std::size_t r = 0; r < visits_from.size(); ++r) {
        for (std::int64_t i = 0; i < visits_from[r]; ++i)
            visits[at++].query += static_cast<std::int32_t>(before);
        before += queries_from[r];
    }
}

}  // namespace partita::knn
