#include "knn/packed_rows.hpp"

#include <algorithm>
#include <cstring>

namespace partita::knn {

PackedRows::PackedRows(MatrixView rows, Metric metric, ScoreBounds const& bounds,
                       std::span<float const> centre,
                       std::vector<std::vector<std::int32_t>> const& groups)
    : rows_(rows), byte_kernels_(knn::byte_kernels(rows.cols)) {
    std::int64_t panels = 0;
    for (auto const& group : groups)
        panels += (std::ssize(group) + panel_columns - 1) / panel_columns;
    values_ = Buffer<float>(panels * rows.cols * panel_columns);
    if (byte_kernels_) {
        byte_values_ = Buffer<std::uint8_t>(panels * byte_panel_bytes(rows.cols));
        centred_ = Matrix(panels * panel_columns, rows.cols);
    }
    numbers_.assign(static_cast<std::size_t>(panels * panel_columns), 0);
    panels_.reserve(static_cast<std::size_t>(panels));
    bounds_.scorable = true;
    Matrix together(panel_columns, rows.cols);
    float const* const middle = centre.empty() ? nullptr : centre.data();
    for (auto const& group : groups) {
        for (std::size_t first = 0; first < group.size(); first += panel_columns)
            add_panel(std::span(group).subspan(
                          first, std::min<std::size_t>(panel_columns, group.size() - first)),
                      metric, bounds, middle, together);
        first_panel_.push_back(panels_.size());
    }
}

void PackedRows::add_panel(std::span<std::int32_t const> numbers, Metric metric,
                           ScoreBounds const& bounds, float const* centre, Matrix& together) {
    auto const count = std::ssize(numbers);
    for (std::int64_t i = 0; i < count; ++i)
        std::memcpy(together.row(i), rows_.row_data(numbers[static_cast<std::size_t>(i)]),
                    static_cast<std::size_t>(rows_.cols) * sizeof(float));
    auto const at = std::ssize(panels_);
    std::copy(numbers.begin(), numbers.end(), numbers_.begin() + at * panel_columns);
    panels_.push_back(pack(together.view().slice(0, count), metric, bounds, centre,
                           values_.data() + at * rows_.cols * panel_columns));
    if (byte_kernels_) {
        byte_panels_.push_back(pack_bytes(*byte_kernels_, together.view().slice(0, count), metric,
                                          bounds, centre,
                                          byte_values_.data() + at * byte_panel_bytes(rows_.cols)));
        bounds_.scorable = bounds_.scorable && byte_panels_.back().bounds.scorable;
        for (std::int64_t i = 0; i < count; ++i)
            for (std::int64_t p = 0; p < rows_.cols; ++p)
                centred_.row(at * panel_columns + i)[p] =
                    together.row(i)[p] - (centre ? centre[p] : 0.0f);
    }
    RowBounds const& of_panel = panels_.back().bounds;
    bounds_.length = std::max(bounds_.length, of_panel.length);
    bounds_.scorable = bounds_.scorable && of_panel.scorable;
    bounds_.slack = std::max(bounds_.slack, of_panel.slack);
    bounds_.slack_per_length = std::max(bounds_.slack_per_length, of_panel.slack_per_length);
}

}  // namespace partita::knn
