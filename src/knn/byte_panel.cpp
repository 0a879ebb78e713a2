#include "knn/byte_panel.hpp"

#include "knn/panel.hpp"

#include <algorithm>

namespace partita::knn {
namespace {

/// At least the root of a sum of squares that float32 rounded.
float root_above(float squared) { return std::sqrt(squared * 1.01f + 0x1p-120f); }

}  // namespace

BytePanel pack_bytes(ByteKernels const& kernels, MatrixView rows, Metric metric,
                     ScoreBounds const& bounds, float const* centre, std::uint8_t* values) {
    BytePanel panel;
    kernels.pack_panel(rows.data, rows.rows, rows.cols, centre, values, panel.columns);
    panel.values = values;
    panel.rows = static_cast<int>(rows.rows);
    panel.vectors = (panel.rows + vector_columns - 1) / vector_columns;
    panel.bounds =
        bounds.of_rows(set_biases(panel.columns.squares, panel.rows, metric, 0, panel.bias));
    for (int j = 0; j < panel.rows; ++j) {
        float const error = root_above(panel.columns.squared_errors[j]);
        panel.most_step = std::max(panel.most_step, panel.columns.steps[j]);
        panel.error = std::max(panel.error, error / panel.columns.steps[j]);
    }
    // Vectors of so many coordinates that their errors are not finite.
    panel.bounds.scorable = panel.bounds.scorable && panel.error < 1e30f;
    return panel;
}

ByteQuery round_query(ByteKernels const& kernels, float const* query, std::int64_t dim,
                      QueryBounds const& bounds, std::int8_t* codes) {
    ByteScale const scale = kernels.round(query, dim, codes);
    float const error = root_above(scale.squared_error);
    return {scale.step, ByteSlack::margin * (bounds.length + error), error, scale.product};
}

}  // namespace partita::knn
