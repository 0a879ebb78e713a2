#pragma once

#include "knn/kernels/byte_kernels.hpp"
#include "knn/score_bounds.hpp"

#include "partita/core/matrix_view.hpp"

#include <cmath>
#include <cstdint>

namespace partita::knn {

/// Up to panel_columns base vectors as bytes, side by side for the scoring kernels; see Panel.
struct BytePanel {
    std::uint8_t const* values = nullptr;
    ByteColumns columns;
    float bias[panel_columns];
    RowBounds bounds;  ///< Of the rows as they are.
    float error = 0;   ///< A row lies at most this times its step from what its codes say.
    float most_step = 0;
    int rows = 0;
    int vectors = 0;
};

inline constexpr std::int64_t byte_panel_bytes(std::int64_t dim) {
    return byte_groups(dim) * byte_group * panel_columns;
}

/// As `pack`, into bytes.
/// @param values  room for byte_panel_bytes(dim), aligned to 64 bytes.
BytePanel pack_bytes(ByteKernels const& kernels, MatrixView rows, Metric metric,
                     ScoreBounds const& bounds, float const* centre, std::uint8_t* values);

/// What a query that is scored by its bytes is like, beside the codes.
struct ByteQuery {
    float step = 0, length = 0;  ///< At least the length of what the codes say.
    float error = 0;             ///< The query lies at most so far from that.
    std::int32_t start = 0;
};

/// @param query  The query that is scored, dim floats.
/// @param codes  byte_groups(dim) groups.
ByteQuery round_query(ByteKernels const& kernels, float const* query, std::int64_t dim,
                      QueryBounds const& bounds, std::int8_t* codes);

/// How far scores by bytes lie from true ones. By the triangle inequality
/// |query . row - query' . row'| <= |query - query'| |row| + |query'| |row - row'|, of which the
/// second term is `offset` times a row's step, and the first belongs to all rows alike.
struct ByteSlack {
    static constexpr float margin = 1.001f;  ///< For what float32 loses in these bounds.

    float offset;  ///< For ByteTerms.
    float rest;    ///< The first term, and what rounding takes from either score.

    ByteSlack(ByteQuery const& query, float slack, float row_length, float error)
        : offset(margin * query.length * error),
          // The bytes' vectors may be a little longer than those that the slack is for; and their
          // scores are rounded too.
          rest(margin * query.error * row_length + 4 * slack + 0x1p-120f) {}
    ByteSlack(ByteQuery const& query, QueryBounds const& bounds, BytePanel const& panel)
        : ByteSlack(query, ScoreBounds::slack(bounds, panel.bounds), panel.bounds.length,
                    panel.error) {}

    ByteTerms terms(ByteQuery const& query, float threshold) const {
        return {query.step, offset, minus_margin(threshold, rest), query.start};
    }
};

}  // namespace partita::knn
