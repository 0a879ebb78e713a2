#include "knn/query_block.hpp"

#include "knn/ordered_distances.hpp"

#include "partita/core/error.hpp"
#include "partita/core/first_failure.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include <omp.h>

namespace partita::knn {
namespace {

std::vector<std::int32_t> count_from_zero(std::int64_t count) {
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

std::int64_t code_bytes(std::int64_t dim) { return byte_groups(dim) * byte_group; }

}  // namespace

QueryBlock::QueryBlock(MatrixView queries, std::int64_t k, Metric metric,
                       std::span<float const> centre, int threads, RowStore const* store)
    : metric_(metric),
      k_(k),
      score_bounds_(metric, queries.cols),
      store_(store),
      centre_(centre.begin(), centre.end()),
      queries_(queries),
      all_(count_from_zero(queries.rows)) {
    check(k >= 1, "nearest neighbours: expected k of at least 1, got {}", k);
    check(queries.rows <= std::numeric_limits<std::int32_t>::max(),
          "nearest neighbours: expected fewer than 2^31 queries in a block, got {}", queries.rows);
    check(centre.empty() || (metric == Metric::l2 && std::ssize(centre) == queries.cols),
          "nearest neighbours: expected a centre of {} numbers under l2, got {}", queries.cols,
          centre.size());
    if (store && store->is_far()) {
        candidates_.emplace(queries.rows, k, store->is_comparable() ? queries.cols * 4 : 0);
    } else {
        ranked_.emplace(queries.rows, k, metric);
        byte_kernels_ = byte_kernels(dim());
    }
    measure_queries(threads > 0 ? threads : omp_get_max_threads());
}

std::int64_t QueryBlock::bytes_per_query(std::int64_t dim, std::int64_t k, bool far) {
    auto const common = static_cast<std::int64_t>(sizeof(QueryBounds) + sizeof(std::int32_t) + 1);
    if (far)
        return common + CandidatePool::bytes_per_query(k) +
               CandidatePool::capacity(k) * OrderedDistances::bytes_per_candidate;
    std::int64_t const bytes =
        byte_kernels(dim) ? code_bytes(dim) + static_cast<std::int64_t>(sizeof(ByteQuery)) : 0;
    return common + RankedPool::bytes_per_query(k) + bytes;
}

void QueryBlock::measure_queries(int threads) {
    bounds_.resize(all_.size());
    zero_.resize(all_.size());
    if (byte_kernels_) {
        codes_ = Buffer<std::int8_t>(queries() * code_bytes(dim()));
        byte_queries_.resize(all_.size());
    }
#pragma omp parallel num_threads(threads)
    {
        std::vector<float> centred(static_cast<std::size_t>(dim()));
#pragma omp for schedule(static)
        for (std::int64_t q = 0; q < queries(); ++q) {
            auto const at = static_cast<std::size_t>(q);
            copy_centred(q, centred.data());
            double const squared =
                -rank_distance(Metric::inner_product, centred.data(), centred.data(), dim());
            bounds_[at] = score_bounds_.of_squared_length(squared);
            zero_[at] = metric_ == Metric::cosine && bounds_[at].length == 0;
            if (ranked_) ranked_->set_query(q, squared, zero_[at]);
            if (byte_kernels_)
                byte_queries_[at] = round_query(*byte_kernels_, centred.data(), dim(), bounds_[at],
                                                codes_.data() + q * code_bytes(dim()));
        }
    }
}

void QueryBlock::look_within(double radius, std::int64_t most_entries) {
    within_ = std::make_unique<AllWithin>(metric_, radius, queries(), most_entries);
    std::vector<float> centred(static_cast<std::size_t>(dim()));
    for (std::int64_t q = 0; q < queries(); ++q) {
        copy_centred(q, centred.data());
        double const squared =
            -rank_distance(Metric::inner_product, centred.data(), centred.data(), dim());
        within_->set_query(q, squared, zero_[static_cast<std::size_t>(q)]);
    }
}

std::optional<NeighborRows> QueryBlock::finish_within() { return within_->take(); }

void QueryBlock::copy_centred(std::int64_t query, float* to) const {
    std::memcpy(to, queries_.row_data(query), static_cast<std::size_t>(dim()) * sizeof(float));
    for (std::size_t p = 0; p < centre_.size(); ++p) to[p] -= centre_[p];
}

double QueryBlock::exact_distance(std::int64_t query, float const* row) const {
    if (!store_) return distance_to(query, row);
    thread_local std::vector<float> room;
    room.resize(static_cast<std::size_t>(dim()));
    return distance_to(query, store_->vector(row, room.data()));
}

double QueryBlock::distance_to(std::int64_t query, float const* row) const {
    if (zero_[static_cast<std::size_t>(query)]) return 1;
    double const distance = rank_distance(metric_, queries_.row_data(query), row, dim());
    return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

template <class Write>
void QueryBlock::rank_candidates(int threads, Write const& write) {
    std::vector<std::vector<RankedCandidate>> ranked(static_cast<std::size_t>(threads));
    for (auto& list : ranked) list.reserve(static_cast<std::size_t>(CandidatePool::capacity(k_)));
    OrderedDistances const known(
        *candidates_, queries(), *store_, dim(),
        [this](std::int64_t q, float const* vector) { return distance_to(q, vector); }, threads);
    std::vector<std::vector<RankedNeighbor>> nearest(static_cast<std::size_t>(threads));
    FirstFailure failure;
#pragma omp parallel for schedule(dynamic, 16) num_threads(threads)
    for (std::int64_t q = 0; q < queries(); ++q)
        failure.run([&] {
            auto const thread = static_cast<std::size_t>(omp_get_thread_num());
            candidates_->rank_nearest(q, known.of(q), ranked[thread]);
            nearest[thread].clear();
            for (RankedCandidate const& one : ranked[thread])
                nearest[thread].push_back({one.distance, one.candidate.position});
            write(std::span<RankedNeighbor const>(nearest[thread]), q);
        });
    failure.rethrow();
}

template <class Write>
void QueryBlock::take_each(std::int64_t room, int threads, Write const& write) {
    check(room >= k_, "nearest neighbours: expected room for {} neighbours, got {}", k_, room);
    int const team = threads > 0 ? threads : omp_get_max_threads();
    if (candidates_) return rank_candidates(team, write);
#pragma omp parallel for schedule(dynamic, 256) num_threads(team)
    for (std::int64_t q = 0; q < queries(); ++q) write(ranked_->take(q), q);
}

void QueryBlock::finish(Neighbors& out, std::int64_t first_query, int threads) {
    take_each(out.k(), threads, [&](std::span<RankedNeighbor const> nearest, std::int64_t q) {
        std::int64_t* const positions = out.positions.row(first_query + q);
        float* const distances = out.distances.row(first_query + q);
        for (std::size_t i = 0; i < nearest.size(); ++i) {
            positions[i] = nearest[i].position;
            distances[i] = reported_distance(metric_, nearest[i].distance);
        }
        std::fill(positions + nearest.size(), positions + out.k(), -1);
        std::fill(distances + nearest.size(), distances + out.k(), infinity);
    });
}

void QueryBlock::finish(RankedNeighbors& out, std::int64_t first_query, int threads) {
    take_each(out.cols(), threads, [&](std::span<RankedNeighbor const> nearest, std::int64_t q) {
        RankedNeighbor* const row = out.row(first_query + q);
        std::copy(nearest.begin(), nearest.end(), row);
        std::fill(row + nearest.size(), row + out.cols(), no_neighbor);
    });
}

}  // namespace partita::knn
