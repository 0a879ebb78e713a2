#pragma once

#include "knn/byte_panel.hpp"
#include "knn/panel.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// Rows packed into panels for good, each group of rows in panels of its own; and, where scores of
/// bytes are fast, into panels of bytes too.
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
    /// The same as bytes, or nothing: then floats are to be scored.
    std::span<BytePanel const> byte_panels(std::size_t group) const {
        if (!byte_kernels_) return {};
        return std::span(byte_panels_).subspan(first_panel_[group], panels(group).size());
    }
    ByteKernels const* byte_kernels() const { return byte_kernels_; }
    /// Where there are bytes: the row in a column of a panel, minus the centre.
    float const* centred(BytePanel const& panel, int column) const {
        return centred_.row((&panel - byte_panels_.data()) * panel_columns + column);
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
    Buffer<std::uint8_t> byte_values_;
    std::vector<Panel> panels_;
    std::vector<BytePanel> byte_panels_;
    ByteKernels const* byte_kernels_ = nullptr;
    Matrix centred_;
    std::vector<std::int32_t> numbers_;
    std::vector<std::size_t> first_panel_{0};
    RowBounds bounds_;
};

}  // namespace partita::knn
