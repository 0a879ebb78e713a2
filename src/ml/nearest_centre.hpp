#pragma once

#include "ml/panels.hpp"

#include "partita/core/buffer.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// Centres, laid out for scoring panels of rows: all relative to an origin near the data, so that
/// little cancels in |c|^2 / 2 - x . c.
class CentreTable {
  public:
    /// @param centres  clusters x features.  @param origin  features numbers.
    CentreTable(Reals centres, std::span<double const> origin);

    std::int64_t clusters() const { return clusters_; }
    std::int64_t features() const { return features_; }
    std::int64_t width() const { return panel_width(features_); }
    /// Rounded up to whole tiles.
    std::int64_t padded_clusters() const {
        return (clusters_ + centres_at_once - 1) / centres_at_once * centres_at_once;
    }
    std::int64_t rows_at_once() const { return panel_rows(width()); }
    std::span<double const> origin() const { return origin_; }

    /// Doubles of working memory for find.
    std::int64_t memory() const { return nearest_memory(width()); }
    /// The nearest centre of each row of a panel packed with {origin, no scale, ones}, and the
    /// squared distance to it; ties to the smaller number.
    /// @param nearest  Whole numbers.
    /// @param ahead    Rows that will be wanted next.
    void find(double const* panel, std::int64_t rows, double* memory, double* nearest,
              double* squares, double const* ahead) const;

  private:
    std::int64_t clusters_, features_;
    std::vector<double> origin_;
    Buffer<double> tiles_;    // as DenseKernels::nearest takes them
    Buffer<double> shifted_;  // clusters x width, as rows of a panel
};

/// visit(first row within the batch, rows, panel, numbers of centres, squared distances) for each
/// panel.
template <class Visit>
void for_nearest_panels(Batch const& batch, CentreTable const& table, Scratch& scratch,
                        Visit visit) {
    std::int64_t const most = table.rows_at_once(), width = table.width();
    double* const panel = scratch.room(most * (width + 2) + table.memory());
    double* const memory = panel + most * width;
    double* const nearest = memory + table.memory();
    double* const squares = nearest + most;
    for_panels(batch, {table.origin(), {}, true}, panel,
               [&](std::int64_t first, std::int64_t rows) {
                   table.find(panel, rows, memory, nearest, squares,
                              batch.x.data + (first + rows) * batch.x.cols);
                   visit(first, rows, panel, nearest, squares);
               });
}

/// visit(row within the batch, its panel row, nearest centre, squared distance) for each row.
template <class Visit>
void for_nearest(Batch const& batch, CentreTable const& table, Scratch& scratch, Visit visit) {
    for_nearest_panels(batch, table, scratch,
                       [&](std::int64_t first, std::int64_t rows, double const* panel,
                           double const* nearest, double const* squares) {
                           for (std::int64_t i = 0; i < rows; ++i)
                               visit(first + i, panel + i * table.width(),
                                     static_cast<std::int32_t>(nearest[i]), squares[i]);
                       });
}

}  // namespace partita::ml
