#pragma once

#include "ml/kernels/dense_kernels.hpp"

#include "partita/ml/fold_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace partita::ml {

/// How features are changed on their way into a panel: (x - centre) * scale, and a column of ones.
struct Packing {
    std::span<double const> centre;  ///< Or empty.
    std::span<double const> scale;   ///< Or empty.
    bool ones = true;                ///< A column of ones after the features: the intercept's.
};

/// Room for one more column behind the features and the ones, rounded up to whole vectors.
inline std::int64_t panel_width(std::int64_t features) {
    return (features + 2 + lanes - 1) / lanes * lanes;
}

/// Rows of a panel: about 32 KiB, so that it stays in the first cache while it is worked on.
inline std::int64_t panel_rows(std::int64_t width) {
    return std::clamp<std::int64_t>((std::int64_t{32} << 10) / (8 * width) / 8 * 8, 8, 256);
}

/// Copies a batch panel by panel to `panel` (panel_rows x panel_width) and calls
/// visit(first row within the batch, rows).
template <class Visit>
void for_panels(Batch const& batch, Packing const& packing, double* panel, Visit visit) {
    std::int64_t const width = panel_width(batch.x.cols), most = panel_rows(width);
    auto const data_or_null = [](std::span<double const> s) {
        return s.empty() ? nullptr : s.data();
    };
    for (std::int64_t first = 0; first < batch.x.rows; first += most) {
        std::int64_t const rows = std::min(most, batch.x.rows - first);
        dense_kernels().pack(batch.x.row_data(first), rows, batch.x.cols,
                             data_or_null(packing.centre), data_or_null(packing.scale),
                             packing.ones, panel, width);
        visit(first, rows);
    }
}

}  // namespace partita::ml
