#pragma once

#include "partita/knn/metric.hpp"

#include <cmath>
#include <cstdint>

namespace partita::knn {

/// What bounds the rounding error of a query's scores.
struct QueryBounds {
    float length;  ///< At least the query's length after centring.
    float slack;   ///< The part of a score's slack that does not depend on the base.
};

/// What bounds the rounding error of scores of some base vectors.
struct RowBounds {
    float slack_per_length = 0;  ///< Slack of a score: this times the query's length,
    float slack = 0;             ///< plus this, plus the query's own.
    float length = 0;            ///< At least that of the longest row after centring.
    bool scorable = false;       ///< No overflow, no NaN.
    float coding = 0;            ///< What is scored lies at most so far from what is ranked.
};

/// How far a float32 score can lie from the truth, and from what rank_distance makes of it.
///
/// A score is bias + query . row, summed in any order: for l2 and cosine (which ranks by l2 of unit
/// vectors) the bias is -|row|^2 / 2, so that the squared distance is |query|^2 - 2 score. If two
/// scores differ by more than the sum of their slacks, rank_distance orders the rows the same way.
/// Constants: Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
class ScoreBounds {
  public:
    ScoreBounds(Metric metric, std::int64_t dim);

    /// @param centred  the query that is scored, dim floats.
    QueryBounds of_query(float const* centred) const;
    /// For a query that other rows see as a row in the same scores, from which its bias is taken
    /// off again: float32 rounds by this too.
    QueryBounds of_query_in_pairs(float const* centred) const;
    QueryBounds of_squared_length(double squared) const;
    /// @param largest_square  of the rows' squared lengths, as a kernel summed them in float32;
    ///                        infinity or NaN where one is.
    RowBounds of_rows(float largest_square) const;

    static bool scorable(QueryBounds const& query) { return query.length < longest_scored; }
    static float slack(QueryBounds const& query, RowBounds const& rows) {
        return query.length * rows.slack_per_length + (query.slack + rows.slack);
    }

    /// How much farther a score can lie from the truth where the rows are codes. Under l2 by the
    /// triangle inequality: a row at distance D from the query is truly within D -+ coding.
    /// @param score  At most what was scored; or a score that is to be reached in truth.
    float coding_slack(QueryBounds const& query, RowBounds const& rows, float score) const {
        if (metric_ == Metric::inner_product) return 1.001f * query.length * rows.coding;
        float const square = query.length * query.length - 2 * score;
        float const distance = square > 0 ? std::sqrt(square) : 0;
        return 1.001f * (distance + rows.coding) * rows.coding;
    }

  private:
    /// Vectors longer than this could overflow a float32 score.
    static constexpr float longest_scored = 1e18f;

    Metric metric_;
    std::int64_t dim_;
    double float_error_, double_error_;  ///< Relative errors of sums of dim products.
};

/// The score that whatever is as near as `rank_distance` certainly reaches, but for a score's
/// slack.
/// @param squared_length  Of the query as it is scored.
/// @param zero            Under cosine: the query has no angle, and is 1 from everything.
float score_at_distance(Metric metric, double rank_distance, double squared_length, bool zero);

/// This share of a score covers the rounding of adding a slack to it.
inline constexpr float score_margin = 0x1p-22f;

inline float plus_margin(float score, float slack) {
    return score + (slack + std::fabs(score) * score_margin);
}
inline float minus_margin(float score, float slack) {
    return score - (slack + std::fabs(score) * score_margin);
}

}  // namespace partita::knn
