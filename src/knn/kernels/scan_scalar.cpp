// The kernels for processors without AVX2, and the plainest statement of what the others do.

#include "knn/kernels/scan_kernels.hpp"

#include <cstddef>
#include <cstdint>

namespace partita::knn {
namespace {

#include "knn/kernels/pair_functions.inl"
#include "knn/kernels/select.inl"

void pack_panel(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                float* panel, float* squares) {
    for (int j = 0; j < panel_columns; ++j) {
        squares[j] = 0;
        for (std::int64_t p = 0; p < dim; ++p) {
            float value = 0;
            if (j < rows) {
                __builtin_memcpy(&value, first + j * dim + p, sizeof value);
                if (centre) value -= centre[p];
            }
            panel[p * panel_columns + j] = value;
            squares[j] += value * value;
        }
    }
}

template <int Queries, int Vectors>
bool score_tile(float const* const* queries, std::int64_t dim, float const* panel,
                float const* bias, float const* thresholds, TileResult& result) {
    bool any = false;
    for (int q = 0; q < Queries; ++q) {
        result.passed[q] = 0;
        for (int v = 0; v < Vectors; ++v) {
            float sums[vector_columns];
            for (int j = 0; j < vector_columns; ++j) sums[j] = bias[v * vector_columns + j];
            for (std::int64_t p = 0; p < dim; ++p) {
                float const x = queries[q][p];
                float const* const y = panel + p * panel_columns + v * vector_columns;
                for (int j = 0; j < vector_columns; ++j) sums[j] += x * y[j];
            }
            for (int j = 0; j < vector_columns; ++j) {
                int const column = v * vector_columns + j;
                result.scores[q][column] = sums[j];
                if (sums[j] >= thresholds[q]) result.passed[q] |= std::uint64_t{1} << column;
            }
        }
        any |= result.passed[q] != 0;
    }
    return any;
}

bool score_pairs(float const* const* queries, std::int64_t dim, float const* panel,
                 float const* bias, PairThresholds const& thresholds, PairResult& result) {
    bool any = score_tile<tile_queries, panel_vectors>(queries, dim, panel, bias,
                                                       thresholds.queries, result);
    for (int q = 0; q < tile_queries; ++q) {
        result.reached[q] = 0;
        for (int j = 0; j < panel_columns; ++j)
            if (result.scores[q][j] + thresholds.shifts[q] >= thresholds.columns[j])
                result.reached[q] |= std::uint64_t{1} << j;
        any |= result.reached[q] != 0;
    }
    return any;
}

}  // namespace

#include "knn/kernels/kernel_table.inl"

extern ScanKernels const scalar_kernels = PARTITA_KERNEL_TABLE;

}  // namespace partita::knn
