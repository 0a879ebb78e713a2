// The kernels for AVX2 with FMA, compiled with those options.

#include "knn/kernels/scan_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace partita::knn {
namespace {

#include "knn/kernels/pair_functions.inl"
#include "knn/kernels/select.inl"

void transpose_8x8(__m256 (&r)[8]) {
    __m256 t[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        for (int half = 0; half < 2; ++half) {
            __m256d const a = _mm256_castps_pd(t[i + half]), b = _mm256_castps_pd(t[i + 2 + half]);
            r[i + 2 * half] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
            r[i + 2 * half + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
        }
    }
    for (int j = 0; j < 4; ++j) {
        t[j] = _mm256_permute2f128_ps(r[j], r[4 + j], 0x20);
        t[4 + j] = _mm256_permute2f128_ps(r[j], r[4 + j], 0x31);
    }
    for (int j = 0; j < 8; ++j) r[j] = t[j];
}

__m256 load_first(float const* from, std::int64_t count) {
    if (count >= 8) return _mm256_loadu_ps(from);
    alignas(32) float values[8] = {};
    __builtin_memcpy(values, from, static_cast<std::size_t>(count) * sizeof(float));
    return _mm256_load_ps(values);
}

/// Eight columns of the panel: `rows` of them from rows of the base, the others zero.
void pack_columns(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                  float* panel, float* squares) {
    __m256 square = _mm256_setzero_ps();
    for (std::int64_t p = 0; p < dim; p += 8) {
        std::int64_t const count = dim - p < 8 ? dim - p : 8;
        __m256 const middle = centre ? load_first(centre + p, count) : _mm256_setzero_ps();
        __m256 r[8];
        for (int j = 0; j < 8; ++j)
            r[j] = j < rows ? _mm256_sub_ps(load_first(first + j * dim + p, count), middle)
                            : _mm256_setzero_ps();
        transpose_8x8(r);
        for (int i = 0; i < 8; ++i) {
            square = _mm256_fmadd_ps(r[i], r[i], square);
            if (i < count) _mm256_store_ps(panel + (p + i) * panel_columns, r[i]);
        }
    }
    _mm256_storeu_ps(squares, square);
}

void pack_panel(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                float* panel, float* squares) {
    for (std::int64_t j = 0; j < panel_columns; j += 8)
        pack_columns(first + j * dim, rows - j, dim, centre, panel + j, squares + j);
}

/// Sixteen columns of the tile: 6 x 2 accumulators, the panel's 2 and a query's broadcast fill 15
/// of the 16 registers.
template <int Queries>
[[gnu::always_inline]] inline void sum_sixteen(float const* const* queries, std::int64_t dim,
                                               float const* panel, float const* bias, int column,
                                               __m256 (&sums)[Queries][2]) {
    float const* x[Queries];
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        x[q] = queries[q];
        sums[q][0] = _mm256_loadu_ps(bias + column);
        sums[q][1] = _mm256_loadu_ps(bias + column + 8);
    }
    panel += column;
    for (std::int64_t p = 0; p < dim; ++p, panel += panel_columns) {
        __m256 const y0 = _mm256_loadu_ps(panel), y1 = _mm256_loadu_ps(panel + 8);
#pragma GCC unroll 6
        for (int q = 0; q < Queries; ++q) {
            __m256 const coordinate = _mm256_broadcast_ss(x[q] + p);
            sums[q][0] = _mm256_fmadd_ps(coordinate, y0, sums[q][0]);
            sums[q][1] = _mm256_fmadd_ps(coordinate, y1, sums[q][1]);
        }
    }
}

/// Bit j: sixteen numbers' j-th is at least the threshold's.
inline std::uint64_t at_least(__m256 const (&sums)[2], __m256 low, __m256 high) {
    auto const first = _mm256_movemask_ps(_mm256_cmp_ps(sums[0], low, _CMP_GE_OQ));
    auto const second = _mm256_movemask_ps(_mm256_cmp_ps(sums[1], high, _CMP_GE_OQ));
    return static_cast<std::uint64_t>(first | second << 8);
}

template <int Queries>
std::uint64_t score_sixteen(float const* const* queries, std::int64_t dim, float const* panel,
                            float const* bias, float const* thresholds, TileResult& result,
                            int column) {
    __m256 sums[Queries][2];
    sum_sixteen(queries, dim, panel, bias, column, sums);
    std::uint64_t any = 0;
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        __m256 const threshold = _mm256_set1_ps(thresholds[q]);
        std::uint64_t const passed = at_least(sums[q], threshold, threshold) << column;
        result.passed[q] |= passed;
        any |= passed;
        _mm256_store_ps(result.scores[q] + column, sums[q][0]);
        _mm256_store_ps(result.scores[q] + column + 8, sums[q][1]);
    }
    return any;
}

template <int Queries, int Vectors>
bool score_tile(float const* const* queries, std::int64_t dim, float const* panel,
                float const* bias, float const* thresholds, TileResult& result) {
    for (int q = 0; q < Queries; ++q) result.passed[q] = 0;
    std::uint64_t any = 0;
    for (int v = 0; v < Vectors; ++v)
        any |= score_sixteen<Queries>(queries, dim, panel, bias, thresholds, result,
                                      v * vector_columns);
    return any != 0;
}

std::uint64_t pair_sixteen(float const* const* queries, std::int64_t dim, float const* panel,
                           float const* bias, PairThresholds const& thresholds, PairResult& result,
                           int column) {
    __m256 sums[tile_queries][2];
    sum_sixteen(queries, dim, panel, bias, column, sums);
    __m256 const low = _mm256_loadu_ps(thresholds.columns + column);
    __m256 const high = _mm256_loadu_ps(thresholds.columns + column + 8);
    std::uint64_t any = 0;
#pragma GCC unroll 6
    for (int q = 0; q < tile_queries; ++q) {
        __m256 const threshold = _mm256_set1_ps(thresholds.queries[q]);
        __m256 const shift = _mm256_set1_ps(thresholds.shifts[q]);
        __m256 const turned[2] = {_mm256_add_ps(sums[q][0], shift),
                                  _mm256_add_ps(sums[q][1], shift)};
        std::uint64_t const passed = at_least(sums[q], threshold, threshold) << column;
        std::uint64_t const reached = at_least(turned, low, high) << column;
        result.passed[q] |= passed;
        result.reached[q] |= reached;
        any |= passed | reached;
        _mm256_store_ps(result.scores[q] + column, sums[q][0]);
        _mm256_store_ps(result.scores[q] + column + 8, sums[q][1]);
    }
    return any;
}

bool score_pairs(float const* const* queries, std::int64_t dim, float const* panel,
                 float const* bias, PairThresholds const& thresholds, PairResult& result) {
    for (int q = 0; q < tile_queries; ++q) result.passed[q] = result.reached[q] = 0;
    std::uint64_t any = 0;
    for (int column = 0; column < panel_columns; column += vector_columns)
        any |= pair_sixteen(queries, dim, panel, bias, thresholds, result, column);
    return any != 0;
}

}  // namespace

#include "knn/kernels/kernel_table.inl"

extern ScanKernels const avx2_kernels = PARTITA_KERNEL_TABLE;

}  // namespace partita::knn
