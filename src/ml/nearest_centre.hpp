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
    std::int64_t rows_at_once() const { return panel_rows(width()); }
    std::span<double const> origin() const { return origin_; }

    /// Doubles of working memory for find.
    std::int64_t memory() const { return rows_at_once() * columns_; }
    /// The nearest centre of each row of a panel packed with {origin, no scale, ones}; ties to the
    /// smaller number.
    void find(double const* panel, std::int64_t rows, double* memory, std::int32_t* nearest) const;
    /// Squared distance of a row of such a panel.
    double squared_distance(double const* row, std::int64_t cluster) const;

  private:
    std::int64_t clusters_, features_, columns_;
    std::vector<double> origin_;
    Buffer<double> scoring_;  // width x columns
    RealMatrix shifted_;      // clusters x features
};

/// visit(row within the batch, its panel row, nearest centre, squared distance) for each row.
template <class Visit>
void for_nearest(Batch const& batch, CentreTable const& table, Scratch& scratch, Visit visit) {
    std::int64_t const most = table.rows_at_once(), width = table.width();
    double* const panel = scratch.room(most * (width + 1) + table.memory());
    double* const memory = panel + most * width;
    auto* const nearest = reinterpret_cast<std::int32_t*>(memory + table.memory());
    for_panels(batch, {table.origin(), {}, true}, panel,
               [&](std::int64_t first, std::int64_t rows) {
                   table.find(panel, rows, memory, nearest);
                   for (std::int64_t i = 0; i < rows; ++i)
                       visit(first + i, panel + i * width, nearest[i],
                             table.squared_distance(panel + i * width, nearest[i]));
               });
}

}  // namespace partita::ml
