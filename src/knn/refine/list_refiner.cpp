#include "knn/refine/list_refiner.hpp"

#include "knn/kernels/scan_kernels.hpp"

#include "partita/knn/distance.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace partita::knn {
namespace {

constexpr std::size_t rows_together = 16;  ///< Their links are on their way while others are used.
constexpr std::size_t vectors_ahead = 6;

template <class T>
void fetch(std::span<T const> items) {
    auto const* const begin = reinterpret_cast<std::byte const*>(items.data());
    for (std::size_t byte = 0; byte < items.size_bytes(); byte += 64)
        __builtin_prefetch(begin + byte);
}

std::int64_t most_candidates(std::int64_t k) {
    std::int64_t const links = 2 * std::min(k, NeighborLists::most_links);
    return links * (links + 1) + k + 1;
}

}  // namespace

ListRefiner::Seen::Seen(std::int64_t most)
    : slots_(std::bit_ceil(static_cast<std::size_t>(2 * most))) {}

void ListRefiner::Seen::clear() { std::fill(slots_.begin(), slots_.end(), NeighborLists::none); }

bool ListRefiner::Seen::insert(std::uint32_t number) {
    std::size_t const mask = slots_.size() - 1;
    // Fibonacci hashing: near numbers go to slots apart.
    for (std::size_t slot = (number * 0x9e3779b97f4a7c15ULL) >> 32;; ++slot) {
        std::uint32_t& held = slots_[slot & mask];
        if (held == number) return false;
        if (held != NeighborLists::none) continue;
        held = number;
        return true;
    }
}

ListRefiner::ListRefiner(NeighborLists& lists, VectorPlaces const& places, Metric metric,
                         std::int64_t dim)
    : lists_(lists),
      places_(places),
      metric_(metric),
      dim_(dim),
      rough_share_(1 - 2 * static_cast<double>(dim + 8) * 0x1p-24),
      seen_(most_candidates(lists.k())) {}

void ListRefiner::refine(std::span<std::uint32_t const> rows, bool searched) {
    for (std::size_t first = 0; first < rows.size(); first += rows_together) {
        auto const some = rows.subspan(first, std::min(rows_together, rows.size() - first));
        for (std::uint32_t row : some) fetch_links(row);
        for (std::uint32_t row : some)
            for (std::uint32_t link : lists_.links(row)) {
                if (link == NeighborLists::none) break;
                fetch_links(link);
            }
        for (std::uint32_t row : some) {
            find_candidates(row, searched);
            rank_candidates(row);
            write(row);
        }
    }
}

void ListRefiner::fetch_links(std::int64_t row) const { fetch(lists_.links(row)); }

void ListRefiner::fetch_vector(std::uint32_t row) const {
    fetch(std::span<float const>(places_.of[row], static_cast<std::size_t>(dim_)));
}

void ListRefiner::find_candidates(std::uint32_t row, bool searched) {
    seen_.clear();
    candidates_.clear();
    searched_.clear();
    // The old list too: what it says of distances is rounded.
    for (std::uint32_t known : lists_.positions(row)) {
        if (known == NeighborLists::none) break;
        if (!seen_.insert(known)) continue;
        candidates_.push_back(known);
        if (searched && !was_compared(known)) searched_.push_back(places_.list[known]);
    }
    known_ = candidates_.size();
    auto const add = [&](std::uint32_t other) {
        if (!seen_.insert(other)) return;
        candidates_.push_back(other);
        __builtin_prefetch(&places_.list[other]);
    };
    add(row);
    for (std::uint32_t link : lists_.links(row)) {
        if (link == NeighborLists::none) break;
        add(link);
        for (std::uint32_t next : lists_.links(link)) {
            if (next == NeighborLists::none) break;
            add(next);
        }
    }
    auto const compared =
        std::remove_if(candidates_.begin() + static_cast<std::ptrdiff_t>(known_), candidates_.end(),
                       [&](std::uint32_t other) { return was_compared(other); });
    candidates_.erase(compared, candidates_.end());
    for (std::uint32_t other : candidates_) __builtin_prefetch(&places_.of[other]);
}

bool ListRefiner::was_compared(std::uint32_t other) const {
    return std::find(searched_.begin(), searched_.end(), places_.list[other]) != searched_.end();
}

void ListRefiner::rank_candidates(std::uint32_t row) {
    nearest_.clear();
    float const* const vector = places_.of[row];
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        if (i + vectors_ahead < candidates_.size()) fetch_vector(candidates_[i + vectors_ahead]);
        float const* const other = places_.of[candidates_[i]];
        if (i < known_ || may_be_near(vector, other)) offer(vector, other, candidates_[i]);
    }
}

bool ListRefiner::may_be_near(float const* vector, float const* other) const {
    if (metric_ == Metric::inner_product || nearest_.size() < static_cast<std::size_t>(lists_.k()))
        return true;
    double const rough = scan_kernels().rough_squared_l2(vector, other, dim_);
    // Of tiny squares nothing but their size is sure. Not a number: who knows.
    double const least = rough * rough_share_ - 1e-30;
    double const farthest = nearest_.back().distance;
    return !(rough < 1e38) || !(least > (metric_ == Metric::l2 ? farthest : 2 * farthest));
}

void ListRefiner::offer(float const* vector, float const* other, std::uint32_t position) {
    double const distance = rank_distance(metric_, vector, other, dim_);
    RankedNeighbor const one{
        std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance, position};
    if (std::ssize(nearest_) == lists_.k()) {
        if (!(one < nearest_.back())) return;
        nearest_.pop_back();
    }
    nearest_.insert(std::upper_bound(nearest_.begin(), nearest_.end(), one), one);
}

void ListRefiner::write(std::uint32_t row) {
    auto const positions = lists_.positions(row);
    auto const distances = lists_.distances(row);
    for (std::size_t i = 0; i < nearest_.size(); ++i) {
        positions[i] = static_cast<std::uint32_t>(nearest_[i].position);
        distances[i] = reported_distance(metric_, nearest_[i].distance);
    }
    std::fill(positions.begin() + std::ssize(nearest_), positions.end(), NeighborLists::none);
    std::fill(distances.begin() + std::ssize(nearest_), distances.end(),
              std::numeric_limits<float>::infinity());
    lists_.mark(row);
}

}  // namespace partita::knn
