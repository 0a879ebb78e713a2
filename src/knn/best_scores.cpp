#include "knn/best_scores.hpp"

#include "knn/kernels/scan_kernels.hpp"
#include "knn/score_bounds.hpp"

#include <algorithm>

namespace partita::knn {

BestScores::BestScores(std::int64_t most_points, std::int64_t most_count)
    : capacity_(capacity(most_count)),
      thresholds_(static_cast<std::size_t>(most_points)),
      held_(static_cast<std::size_t>(most_points)),
      scores_(most_points * capacity_),
      numbers_(most_points * capacity_) {}

std::int64_t BestScores::capacity(std::int64_t count) {
    // Whole vectors: see KthLargest.
    return (2 * count + 46) / vector_columns * vector_columns;
}

void BestScores::reset(std::int64_t count, std::span<float const> slacks, Rank rank) {
    count_ = count;
    rank_ = std::move(rank);
    slacks_.assign(slacks.begin(), slacks.end());
    std::fill_n(thresholds_.begin(), slacks.size(), -std::numeric_limits<float>::infinity());
    std::fill_n(held_.begin(), slacks.size(), 0);
}

void BestScores::raise_threshold(std::int64_t point, float score) {
    auto const at = static_cast<std::size_t>(point);
    // What is below is farther even if this score is too high and its own too low.
    thresholds_[at] = std::max(thresholds_[at], minus_margin(score, 2 * slacks_[at]));
}

void BestScores::drop(std::int64_t point) {
    auto const at = static_cast<std::size_t>(point);
    if (held_[at] <= count_) return;
    float* const scores = scores_.data() + point * capacity_;
    std::int32_t* const numbers = numbers_.data() + point * capacity_;
    float const kth = scan_kernels().kth_largest(scores, held_[at], count_);
    raise_threshold(point, kth);
    std::int32_t kept = 0;
    for (std::int32_t i = 0; i < held_[at]; ++i) {
        numbers[kept] = numbers[i];
        scores[kept] = scores[i];
        kept += scores[i] >= thresholds_[at];
    }
    held_[at] = kept;
}

void BestScores::decide(std::int64_t point) {
    auto const at = static_cast<std::size_t>(point);
    if (held_[at] <= count_) return;
    float* const scores = scores_.data() + point * capacity_;
    std::int32_t* const numbers = numbers_.data() + point * capacity_;
    ranked_.clear();
    for (std::int32_t i = 0; i < held_[at]; ++i) ranked_.emplace_back(rank_(point, numbers[i]), i);
    std::nth_element(ranked_.begin(), ranked_.begin() + count_ - 1, ranked_.end(),
                     [&](auto const& a, auto const& b) {
                         return a.first != b.first ? a.first < b.first
                                                   : numbers[a.second] < numbers[b.second];
                     });
    ranked_.resize(static_cast<std::size_t>(count_));
    std::sort(ranked_.begin(), ranked_.end(),
              [](auto const& a, auto const& b) { return a.second < b.second; });
    for (std::int64_t i = 0; i < count_; ++i) {
        std::int32_t const from = ranked_[static_cast<std::size_t>(i)].second;
        scores[i] = scores[from];
        numbers[i] = numbers[from];
    }
    held_[at] = static_cast<std::int32_t>(count_);
}

void BestScores::make_room(std::int64_t point) {
    drop(point);
    if (held_[static_cast<std::size_t>(point)] - count_ > (capacity_ - count_) / 2) decide(point);
}

std::int64_t BestScores::finish(std::int64_t point, std::int32_t* out) {
    drop(point);
    decide(point);
    std::int64_t const found = held_[static_cast<std::size_t>(point)];
    std::copy_n(numbers_.data() + point * capacity_, found, out);
    std::sort(out, out + found);
    return found;
}

std::int32_t BestScores::likely_best(std::int64_t point) const {
    float const* const scores = scores_.data() + point * capacity_;
    std::int64_t const held = held_[static_cast<std::size_t>(point)];
    return numbers_[point * capacity_ + (std::max_element(scores, scores + held) - scores)];
}

}  // namespace partita::knn
