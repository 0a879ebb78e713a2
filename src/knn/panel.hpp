#pragma once

#include "knn/kernels/scan_kernels.hpp"
#include "knn/score_bounds.hpp"

#include "partita/core/matrix_view.hpp"

#include <cstdint>

namespace partita::knn {

/// Up to panel_columns base vectors, packed side by side for the scoring kernels.
struct Panel {
    float const* values = nullptr;  ///< dim x panel_columns.
    float bias[panel_columns];  ///< What a column's score starts at; lowest where there is none.
    RowBounds bounds;
    int rows = 0;     ///< Filled columns.
    int vectors = 0;  ///< The same in vectors of columns.
};

/// Pack at most panel_columns rows, minus `centre` (or nullptr).
/// @param values  room for dim x panel_columns, aligned to 64 bytes.
/// @param coding  See RowBounds.
Panel pack(MatrixView rows, Metric metric, ScoreBounds const& bounds, float const* centre,
           float* values, float coding = 0);

/// Of the columns that passed, those that may be among the best `count` of a panel: the scores of
/// no less than the count-th best, less a margin.
/// @param slack  The most that two scores are wrong by together.
std::uint64_t among_best(std::uint64_t passed, float const* scores, int rows, std::int64_t count,
                         float slack);

/// What columns' scores start at, from their squared lengths. Returns the largest of these, or
/// infinity where one is not a number.
/// @param bias  panel_columns.
float set_biases(float const* squares, int rows, Metric metric, float coding, float* bias);

}  // namespace partita::knn
