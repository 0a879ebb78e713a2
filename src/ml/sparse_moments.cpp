#include "ml/sparse_moments.hpp"

#include <algorithm>
#include <vector>

namespace partita::ml {

namespace {

/// visit(weight, column, value) for the entries of all rows, and their labels as a last column.
template <class Visit>
void for_entries(Batch const& batch, Visit visit) {
    for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
        double const weight = batch.weight(i);
        if (weight == 0) continue;
        batch.sparse.for_entries(i, [&](std::int32_t column, double x) {
            visit(weight, static_cast<std::size_t>(column), x);
        });
        if (!batch.y.empty())
            visit(weight, static_cast<std::size_t>(batch.sparse.cols),
                  batch.y[static_cast<std::size_t>(i)]);
    }
}

}  // namespace

void accumulate_sparse_moments(Batch const& batch, std::span<double> state) {
    auto const columns = static_cast<std::size_t>(batch.sparse.cols + 1);
    auto const part = [&](std::size_t what) { return state.subspan(1 + what * columns, columns); };
    std::span<double> const mean = part(0), squares = part(1), least = part(2), most = part(3);
    std::int64_t rows = 0;
    for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
        state[0] += batch.weight(i);
        rows += batch.weight(i) > 0 ? 1 : 0;
    }
    if (rows == 0) return;
    std::vector<double> seen_weight(columns, 0.0);
    std::vector<std::int64_t> seen(columns, 0);
    for_entries(batch, [&](double weight, std::size_t j, double x) {
        mean[j] += weight * x;
        seen_weight[j] += weight;
        ++seen[j];
        least[j] = std::min(least[j], x);
        most[j] = std::max(most[j], x);
    });
    for (double& value : mean) value /= state[0];
    for_entries(batch, [&](double weight, std::size_t j, double x) {
        squares[j] += weight * (x - mean[j]) * (x - mean[j]);
    });
    for (std::size_t j = 0; j + 1 < columns; ++j) {
        if (seen[j] == rows) continue;
        squares[j] += (state[0] - seen_weight[j]) * mean[j] * mean[j];
        least[j] = std::min(least[j], 0.0);
        most[j] = std::max(most[j], 0.0);
    }
}

}  // namespace partita::ml
