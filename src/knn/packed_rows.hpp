#pragma once

#include "knn/panel.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// Rows packed into panels for good, each group of rows in panels of its own.
class PackedRows {
  public:
    PackedRows() = default;
    /// @param rows      must stay in place.
    /// @param groups    the rows of each group.
    /// @param centre    subtracted from every row, or empty.
    PackedRows(MatrixView rows, Metric metric, ScoreBounds const& bounds,
               std::span<float const> centre, std::vector<std::vector<std::int32_t>> const& groups);

    std::size_t groups() const { return first_panel_.size() - 1; }
    MatrixView rows() const { return rows_; }
    RowBounds const& bounds() const { return bounds_; }  ///< Of all rows.
    std::span<Panel const> panels(std::size_t group) const {
        return std::span(panels_).subspan(first_panel_[group],
                                          first_panel_[group + 1] - first_panel_[group]);
    }
    /// The row that stands in each column of the group's panels, panel_columns for each panel.
    std::int32_t const* numbers(std::size_t group) const {
        return numbers_.data() + first_panel_[group] * panel_columns;
    }

  private:
    void add_panel(std::span<std::int32_t const> numbers, Metric metric, ScoreBounds const& bounds,
                   float const* centre, Matrix& together);

    MatrixView rows_;
    Buffer<float> values_;
    std::vector<Panel> panels_;
    std::vector<std::int32_t> numbers_;
    std::vector<std::size_t> first_panel_{0};
    RowBounds bounds_;
};

}  // namespace partita::knn
