#include "knn/ordered_distances.hpp"

#include "partita/core/first_failure.hpp"

#include <algorithm>
#include <cstdint>

namespace partita::knn {

namespace {

/// A run of the file that one thread reads: enough to be read at the device's speed.
constexpr std::uintptr_t chunk_bytes = 1 << 20;
/// Vectors that a thread has in its memory.
constexpr std::size_t most_at_a_time = 64;

std::uintptr_t address(float const* place) { return reinterpret_cast<std::uintptr_t>(place); }

}  // namespace

OrderedDistances::OrderedDistances(CandidatePool& pool, std::int64_t queries, RowStore const& store,
                                   std::int64_t dim, Distance const& distance, int threads)
    : first_(static_cast<std::size_t>(queries) + 1) {
#pragma omp parallel for schedule(dynamic, 64) num_threads(threads)
    for (std::int64_t q = 0; q < queries; ++q) pool.drop_by_bounds(q);
    for (std::int64_t q = 0; q < queries; ++q)
        first_[static_cast<std::size_t>(q) + 1] =
            first_[static_cast<std::size_t>(q)] + pool.count(q);
    distances_ = Buffer<double>(first_.back());
    wanted_ = Buffer<Wanted>(first_.back());
    if (first_.back() == 0) return;
    sort_into_chunks(pool, queries);
    auto const chunks = std::ssize(first_of_chunk_) - 1;
    FirstFailure failure;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
        failure.run([&] { read_chunk(static_cast<std::size_t>(chunk), store, dim, distance); });
    failure.rethrow();
    wanted_ = {};
}

void OrderedDistances::sort_into_chunks(CandidatePool const& pool, std::int64_t queries) {
    std::uintptr_t lowest = UINTPTR_MAX, highest = 0;
    auto const for_each = [&](auto const& visit) {
        for (std::int64_t q = 0; q < queries; ++q)
            for (std::int64_t i = 0; i < pool.count(q); ++i) visit(q, i, pool.place(q, i));
    };
    for_each([&](std::int64_t, std::int64_t, float const* place) {
        lowest = std::min(lowest, address(place));
        highest = std::max(highest, address(place));
    });
    auto const chunk_of = [&](float const* place) {
        return static_cast<std::size_t>((address(place) - lowest) / chunk_bytes);
    };
    first_of_chunk_.assign((highest - lowest) / chunk_bytes + 2, 0);
    for_each([&](std::int64_t, std::int64_t, float const* place) {
        ++first_of_chunk_[chunk_of(place) + 1];
    });
    for (std::size_t c = 1; c < first_of_chunk_.size(); ++c)
        first_of_chunk_[c] += first_of_chunk_[c - 1];
    std::vector<std::int64_t> next(first_of_chunk_.begin(), first_of_chunk_.end() - 1);
    for_each([&](std::int64_t q, std::int64_t i, float const* place) {
        wanted_[next[chunk_of(place)]++] = {place, first_[static_cast<std::size_t>(q)] + i,
                                            static_cast<std::int32_t>(q)};
    });
}

void OrderedDistances::read_chunk(std::size_t chunk, RowStore const& store, std::int64_t dim,
                                  Distance const& distance) {
    Wanted* const first = wanted_.data() + first_of_chunk_[chunk];
    Wanted* const last = wanted_.data() + first_of_chunk_[chunk + 1];
    if (first == last) return;
    std::sort(first, last, [](Wanted const& a, Wanted const& b) { return a.place < b.place; });
    thread_local std::vector<float const*> places;
    thread_local std::vector<float> vectors;
    vectors.resize(static_cast<std::size_t>(most_at_a_time * dim));
    for (Wanted const* some = first; some != last;) {
        places.clear();
        Wanted const* end = some;
        for (; end != last; ++end) {
            if (!places.empty() && end->place == places.back()) continue;
            if (places.size() == most_at_a_time) break;
            places.push_back(end->place);
        }
        store.vectors(places, vectors.data());
        float const* vector = vectors.data();
        for (float const* place = some->place; some != end; ++some) {
            if (some->place != place) vector += dim;
            place = some->place;
            distances_[some->number] = distance(some->query, vector);
        }
    }
}

}  // namespace partita::knn
