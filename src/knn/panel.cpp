#include "knn/panel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace partita::knn {

Panel pack(MatrixView rows, Metric metric, ScoreBounds const& bounds, float const* centre,
           float* values, float coding) {
    float squares[panel_columns];
    scan_kernels().pack_panel(rows.data, rows.rows, rows.cols, centre, values, squares);
    Panel panel;
    panel.values = values;
    panel.rows = static_cast<int>(rows.rows);
    panel.vectors = (panel.rows + vector_columns - 1) / vector_columns;
    float const largest_square = set_biases(squares, panel.rows, metric, coding, panel.bias);
    panel.bounds = bounds.of_rows(largest_square);
    panel.bounds.coding = coding;
    if (metric == Metric::cosine && coding >= 0.5f) panel.bounds.scorable = false;
    return panel;
}

float set_biases(float const* squares, int rows, Metric metric, float coding, float* bias) {
    float largest_square = 0;
    // The code of a zero vector may become a short one; those of length 1 stay long.
    float const largest_zero = coding > 0 ? 0.25f : 0;
    for (int j = 0; j < panel_columns; ++j) {
        if (!(squares[j] <= largest_square)) largest_square = squares[j];
        bias[j] = metric == Metric::inner_product ? 0 : squares[j] * -0.5f;
        // At distance 1 from all, a zero vector is as far as one at a right angle.
        if (metric == Metric::cosine && squares[j] <= largest_zero) bias[j] = -0.5f;
        if (j >= rows) bias[j] = std::numeric_limits<float>::lowest();
        if (std::isnan(squares[j])) largest_square = std::numeric_limits<float>::infinity();
    }
    return largest_square;
}

std::uint64_t among_best(std::uint64_t passed, float const* scores, int rows, std::int64_t count,
                         float slack) {
    if (rows <= count) return passed;
    float sorted[panel_columns];
    std::memcpy(sorted, scores, sizeof sorted);
    float const least = minus_margin(scan_kernels().kth_largest(sorted, rows, count), slack);
    for (int j = 0; j < rows; ++j)
        if (scores[j] < least) passed &= ~(std::uint64_t{1} << j);
    return passed;
}

}  // namespace partita::knn
