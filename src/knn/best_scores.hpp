#pragma once

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace partita::knn {

/// The `count` numbers with the best (largest) true scores, for each of some points, from float32
/// scores that may be off by a slack.
///
/// Keeps a few more than count for each point. Where the slack leaves open which belong, `rank`
/// decides: true scores order as (rank, number) does, ascending. The set that is left is therefore
/// the same in whatever order numbers are offered.
class BestScores {
  public:
    /// The exact distance of a point and a number.
    using Rank = std::function<double(std::int64_t point, std::int32_t number)>;

    BestScores(std::int64_t most_points, std::int64_t most_count);

    static std::int64_t bytes_per_point(std::int64_t count) { return 8 * capacity(count); }

    /// Start anew, with no scores.
    /// @param slacks  one a point: the most that a score may be off.
    void reset(std::int64_t count, std::span<float const> slacks, Rank rank);

    std::int64_t count() const { return count_; }

    /// What a score must reach to matter.
    float threshold(std::int64_t point) const {
        return thresholds_[static_cast<std::size_t>(point)];
    }

    void offer(std::int64_t point, float score, std::int32_t number) {
        if (count_ == 1) raise_threshold(point, score);
        std::int32_t& held = held_[static_cast<std::size_t>(point)];
        if (held == capacity_) {
            make_room(point);
            if (score < threshold(point)) return;
        }
        scores_[point * capacity_ + held] = score;
        numbers_[point * capacity_ + held++] = number;
    }

    /// Write the best `count` of a point, ascending by number, or as many as were offered.
    /// Returns how many.
    std::int64_t finish(std::int64_t point, std::int32_t* out);
    /// Of a finished point with any: the number that scored best, which is likely the best.
    std::int32_t likely_best(std::int64_t point) const;

  private:
    static std::int64_t capacity(std::int64_t count);
    /// `score` is reached by `count` numbers.
    void raise_threshold(std::int64_t point, float score);
    void make_room(std::int64_t point);
    /// Drop what certainly does not belong to the best `count`, and raise the threshold.
    void drop(std::int64_t point);
    /// Let `rank` decide: exactly `count` stay.
    void decide(std::int64_t point);

    std::int64_t count_ = 0, capacity_;
    Rank rank_;
    std::vector<float> slacks_, thresholds_;
    std::vector<std::int32_t> held_;
    std::vector<std::pair<double, std::int32_t>> ranked_;  ///< With places among those held.
    Buffer<float> scores_;
    Buffer<std::int32_t> numbers_;
};

}  // namespace partita::knn
