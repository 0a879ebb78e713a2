// The kernels for AVX-512 (F, BW, DQ, VL), compiled with those options.

#include "knn/kernels/scan_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace partita::knn {
namespace {

#include "knn/kernels/pair_functions.inl"
#include "knn/kernels/select.inl"
#include "knn/kernels/transpose_avx512.inl"

/// Sixteen columns of the panel: `rows` of them from rows of the base, the others zero.
void pack_columns(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                  float* panel, float* squares) {
    __m512 square = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < dim; p += 16) {
        std::int64_t const count = dim - p < 16 ? dim - p : 16;
        auto const mask = static_cast<__mmask16>(0xffffu >> (16 - count));
        __m512 const middle =
            centre ? _mm512_maskz_loadu_ps(mask, centre + p) : _mm512_setzero_ps();
        __m512 r[16];
#pragma GCC unroll 16
        for (std::int64_t j = 0; j < 16; ++j) {
            __mmask16 const wanted = j < rows ? mask : __mmask16{0};
            float const* const from = first + j * dim + p;
            r[j] = _mm512_maskz_sub_ps(wanted, _mm512_maskz_loadu_ps(wanted, from), middle);
            // The next sixteen rows: the processor does not see so many streams coming.
            _mm_prefetch(reinterpret_cast<char const*>(from + 16 * dim), _MM_HINT_T0);
        }
        transpose_16x16(r);
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) {
            square = _mm512_fmadd_ps(r[i], r[i], square);
            if (i < count) _mm512_store_ps(panel + (p + i) * panel_columns, r[i]);
        }
    }
    _mm512_storeu_ps(squares, square);
}

void pack_panel(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                float* panel, float* squares) {
    for (std::int64_t j = 0; j < panel_columns; j += 16)
        pack_columns(first + j * dim, rows - j, dim, centre, panel + j, squares + j);
}

/// The accumulators of 6 x 4 vectors, the panel's 4 and a query's broadcast fill 29 of the 32
/// registers.
template <int Queries, int Vectors>
[[gnu::always_inline]] inline void sum_products(float const* const* queries, std::int64_t dim,
                                                float const* panel, float const* bias,
                                                __m512 (&sums)[Queries][Vectors]) {
    float const* x[Queries];
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        x[q] = queries[q];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) sums[q][v] = _mm512_loadu_ps(bias + v * vector_columns);
    }
    for (std::int64_t p = 0; p < dim; ++p, panel += panel_columns) {
        __m512 y[Vectors];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) y[v] = _mm512_loadu_ps(panel + v * vector_columns);
#pragma GCC unroll 6
        for (int q = 0; q < Queries; ++q) {
            __m512 const coordinate = _mm512_set1_ps(x[q][p]);
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
                sums[q][v] = _mm512_fmadd_ps(coordinate, y[v], sums[q][v]);
        }
    }
}

template <int Queries, int Vectors>
[[gnu::always_inline]] inline void store_scores(__m512 const (&sums)[Queries][Vectors],
                                                TileResult& result) {
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v)
            _mm512_store_ps(result.scores[q] + v * vector_columns, sums[q][v]);
    }
}

template <int Queries, int Vectors>
bool score_tile(float const* const* queries, std::int64_t dim, float const* panel,
                float const* bias, float const* thresholds, TileResult& result) {
    __m512 sums[Queries][Vectors];
    sum_products(queries, dim, panel, bias, sums);
    std::uint64_t any = 0;
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        __m512 const threshold = _mm512_set1_ps(thresholds[q]);
        std::uint64_t passed = 0;
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
            std::uint64_t const bits = _mm512_cmp_ps_mask(sums[q][v], threshold, _CMP_GE_OQ);
            passed |= bits << (v * vector_columns);
        }
        result.passed[q] = passed;
        any |= passed;
    }
    if (any == 0) return false;
    store_scores(sums, result);
    return true;
}

bool score_pairs(float const* const* queries, std::int64_t dim, float const* panel,
                 float const* bias, PairThresholds const& thresholds, PairResult& result) {
    __m512 sums[tile_queries][panel_vectors];
    sum_products(queries, dim, panel, bias, sums);
    std::uint64_t any = 0;
#pragma GCC unroll 6
    for (int q = 0; q < tile_queries; ++q) {
        __m512 const threshold = _mm512_set1_ps(thresholds.queries[q]);
        __m512 const shift = _mm512_set1_ps(thresholds.shifts[q]);
        std::uint64_t passed = 0, reached = 0;
#pragma GCC unroll 4
        for (int v = 0; v < panel_vectors; ++v) {
            __m512 const least = _mm512_loadu_ps(thresholds.columns + v * vector_columns);
            std::uint64_t const for_query = _mm512_cmp_ps_mask(sums[q][v], threshold, _CMP_GE_OQ);
            std::uint64_t const for_columns =
                _mm512_cmp_ps_mask(_mm512_add_ps(sums[q][v], shift), least, _CMP_GE_OQ);
            passed |= for_query << (v * vector_columns);
            reached |= for_columns << (v * vector_columns);
        }
        result.passed[q] = passed;
        result.reached[q] = reached;
        any |= passed | reached;
    }
    if (any == 0) return false;
    store_scores(sums, result);
    return true;
}

}  // namespace

#include "knn/kernels/kernel_table.inl"

extern ScanKernels const avx512_kernels = PARTITA_KERNEL_TABLE;

}  // namespace partita::knn
