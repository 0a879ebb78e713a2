// Scores of bytes for AVX-512 with VNNI, compiled with those options: one instruction multiplies
// and adds 64 pairs of bytes where one of floats does 16.

#include "knn/kernels/byte_kernels.hpp"

#include <immintrin.h>

namespace partita::knn {
namespace {

#include "knn/kernels/transpose_avx512.inl"

__mmask16 first_lanes(std::int64_t count) {
    if (count >= 16) return static_cast<__mmask16>(0xffff);
    return static_cast<__mmask16>(count <= 0 ? 0 : 0xffffu >> (16 - count));
}

/// The next sixteen coordinates, minus the centre.
__m512 load_centred(float const* row, float const* centre, std::int64_t p, std::int64_t dim) {
    __mmask16 const mask = first_lanes(dim - p);
    __m512 const x = _mm512_maskz_loadu_ps(mask, row + p);
    return centre ? _mm512_maskz_sub_ps(mask, x, _mm512_maskz_loadu_ps(mask, centre + p)) : x;
}

/// Sixteen floats as codes; the error that this leaves is added to `squared_error`.
__m512i to_codes(__m512 x, __m512 step, __m512 inverse, __m512& squared_error) {
    __m512i const codes = _mm512_cvtps_epi32(_mm512_mul_ps(x, inverse));
    __m512 const error = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(codes), step, x);
    squared_error = _mm512_fmadd_ps(error, error, squared_error);
    return codes;
}

__m512 step_for(__m512 largest) {
    return _mm512_max_ps(_mm512_mul_ps(largest, _mm512_set1_ps(1.0f / 127)),
                         _mm512_set1_ps(least_byte_step));
}

ByteScale round_to_bytes(float const* vector, std::int64_t dim, std::int8_t* codes) {
    __m512 largest = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < dim; p += 16)
        largest = _mm512_max_ps(largest, _mm512_abs_ps(load_centred(vector, nullptr, p, dim)));
    __m512 const step = step_for(_mm512_set1_ps(_mm512_reduce_max_ps(largest)));
    __m512 const inverse = _mm512_div_ps(_mm512_set1_ps(1), step);
    __m512 squared_error = _mm512_setzero_ps();
    __m512i sum = _mm512_setzero_si512();
    std::int64_t const padded = byte_groups(dim) * byte_group;
    for (std::int64_t p = 0; p < padded; p += 16) {
        __m512i const some =
            to_codes(load_centred(vector, nullptr, p, dim), step, inverse, squared_error);
        sum = _mm512_add_epi32(sum, some);
        _mm512_mask_cvtsepi32_storeu_epi8(codes + p, first_lanes(padded - p), some);
    }
    return {_mm512_cvtss_f32(step), _mm512_reduce_add_ps(squared_error),
            -byte_zero * _mm512_reduce_add_epi32(sum)};
}

/// Lane j of the result: the sum, or the maximum, of all lanes of rows[j].
__m512 sums_of_rows(__m512 (&rows)[16]) {
    transpose_16x16(rows);
    __m512 sum = rows[0];
    for (int i = 1; i < 16; ++i) sum = _mm512_add_ps(sum, rows[i]);
    return sum;
}
__m512 maxima_of_rows(__m512 (&rows)[16]) {
    transpose_16x16(rows);
    __m512 most = rows[0];
    for (int i = 1; i < 16; ++i) most = _mm512_max_ps(most, rows[i]);
    return most;
}

/// The sizes of sixteen rows: squared lengths, and largest coordinates, which are returned.
__m512 measure_rows(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                    float* squares) {
    __m512 square[16], largest[16];
    for (std::int64_t j = 0; j < 16; ++j) {
        square[j] = largest[j] = _mm512_setzero_ps();
        if (j >= rows) continue;
        for (std::int64_t p = 0; p < dim; p += 16) {
            __m512 const x = load_centred(first + j * dim, centre, p, dim);
            square[j] = _mm512_fmadd_ps(x, x, square[j]);
            largest[j] = _mm512_max_ps(largest[j], _mm512_abs_ps(x));
            // The next sixteen rows: the processor does not see so many streams coming.
            _mm_prefetch(reinterpret_cast<char const*>(first + (j + 16) * dim + p), _MM_HINT_T0);
        }
    }
    _mm512_storeu_ps(squares, sums_of_rows(square));
    return maxima_of_rows(largest);
}

/// Sixteen columns of the panel: `rows` of them from rows of the base, the others zero.
void pack_columns(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                  std::uint8_t* panel, float* squares, float* steps, float* squared_errors) {
    __m512 const step = step_for(measure_rows(first, rows, dim, centre, squares));
    float inverses[16];
    _mm512_storeu_ps(steps, step);
    _mm512_storeu_ps(inverses, _mm512_div_ps(_mm512_set1_ps(1), step));
    __m512 error[16];
    for (__m512& e : error) e = _mm512_setzero_ps();
    __m512i const zero = _mm512_set1_epi8(static_cast<char>(byte_zero));
    std::int64_t const groups = byte_groups(dim);
    // Sixteen groups of sixteen rows at a time.
    for (std::int64_t p = 0; p < dim; p += 64) {
        __m512 r[16];
        for (std::int64_t j = 0; j < 16; ++j) {
            alignas(64) std::uint8_t bytes[64] = {};
            if (j < rows) {
                __m512 const size = _mm512_set1_ps(steps[j]), inverse = _mm512_set1_ps(inverses[j]);
                for (std::int64_t i = 0; i < 64 && p + i < dim; i += 16)
                    _mm_store_si128(reinterpret_cast<__m128i*>(bytes + i),
                                    _mm512_cvtepi32_epi8(
                                        to_codes(load_centred(first + j * dim, centre, p + i, dim),
                                                 size, inverse, error[j])));
            }
            r[j] = _mm512_castsi512_ps(_mm512_add_epi8(_mm512_load_si512(bytes), zero));
        }
        transpose_16x16(r);
        std::int64_t const count = groups - p / byte_group < 16 ? groups - p / byte_group : 16;
        for (std::int64_t i = 0; i < count; ++i)
            _mm512_store_ps(
                reinterpret_cast<float*>(panel + (p / byte_group + i) * panel_columns * byte_group),
                r[i]);
    }
    _mm512_storeu_ps(squared_errors, sums_of_rows(error));
}

void pack_panel(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                std::uint8_t* panel, ByteColumns& columns) {
    for (std::int64_t j = 0; j < panel_columns; j += 16)
        pack_columns(first + j * dim, rows - j, dim, centre, panel + j * byte_group,
                     columns.squares + j, columns.steps + j, columns.squared_errors + j);
}

float float_product(float const* x, float const* y, std::int64_t dim) {
    __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    std::int64_t p = 0;
    for (; p + 32 <= dim; p += 32)
        for (int i = 0; i < 2; ++i)
            sums[i] = _mm512_fmadd_ps(_mm512_loadu_ps(x + p + 16 * i),
                                      _mm512_loadu_ps(y + p + 16 * i), sums[i]);
    for (; p < dim; p += 16) {
        __mmask16 const mask = first_lanes(dim - p);
        sums[0] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, x + p),
                                  _mm512_maskz_loadu_ps(mask, y + p), sums[0]);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
}

/// The accumulators of 6 x 4 vectors, the panel's 4 and a query's broadcast fill 29 of the 32
/// registers.
template <int Queries, int Vectors>
bool score_tile(std::int8_t const* const* queries, std::int64_t groups, ByteTerms const* terms,
                std::uint8_t const* panel, float const* steps, float const* bias,
                TileResult& result) {
    constexpr std::int64_t vector_bytes = 64;
    __m512i sums[Queries][Vectors];
    std::int8_t const* x[Queries];
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        x[q] = queries[q];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) sums[q][v] = _mm512_set1_epi32(terms[q].start);
    }
    for (std::int64_t g = 0; g < groups; ++g, panel += panel_columns * byte_group) {
        __m512i y[Vectors];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) y[v] = _mm512_loadu_si512(panel + v * vector_bytes);
#pragma GCC unroll 6
        for (int q = 0; q < Queries; ++q) {
            std::int32_t group;
            __builtin_memcpy(&group, x[q] + g * byte_group, sizeof group);
            __m512i const coordinates = _mm512_set1_epi32(group);
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
                sums[q][v] = _mm512_dpbusd_epi32(sums[q][v], y[v], coordinates);
        }
    }
    std::uint64_t any = 0;
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        __m512 const step = _mm512_set1_ps(terms[q].step);
        __m512 const offset = _mm512_set1_ps(terms[q].offset);
        __m512 const threshold = _mm512_set1_ps(terms[q].threshold);
        std::uint64_t passed = 0;
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
            __m512 const product = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[q][v]), step, offset);
            __m512 const score =
                _mm512_fmadd_ps(product, _mm512_loadu_ps(steps + v * vector_columns),
                                _mm512_loadu_ps(bias + v * vector_columns));
            std::uint64_t const bits = _mm512_cmp_ps_mask(score, threshold, _CMP_GE_OQ);
            passed |= bits << (v * vector_columns);
            sums[q][v] = _mm512_castps_si512(score);
        }
        result.passed[q] = passed;
        any |= passed;
    }
    if (any == 0) return false;
#pragma GCC unroll 6
    for (int q = 0; q < Queries; ++q) {
        if (result.passed[q] == 0) continue;
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v)
            _mm512_store_ps(result.scores[q] + v * vector_columns, _mm512_castsi512_ps(sums[q][v]));
    }
    return true;
}

}  // namespace

#include "knn/kernels/byte_table.inl"

extern ByteKernels const vnni_byte_kernels = PARTITA_BYTE_TABLE;

}  // namespace partita::knn
