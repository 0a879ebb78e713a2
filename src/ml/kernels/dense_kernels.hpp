#pragma once

#include <cstdint>

namespace partita::ml {

inline constexpr std::int64_t lanes = 8;  ///< Doubles in a vector; panels are padded to it.

/// The hot loops over panels: a few hundred rows, copied to `width` columns (a multiple of lanes),
/// which fit the first or second cache. All arrays are aligned to 64 bytes.
///
/// The order of summation is the same in every table; with and without fused multiply-add results
/// differ in the last bits.
struct DenseKernels {
    /// panel[i][j] = (x[i][j] - centre[j]) * scale[j] for j < cols, 1 for j = cols when `ones`,
    /// else 0. `centre` and `scale` may be null.
    void (*pack)(double const* x, std::int64_t rows, std::int64_t cols, double const* centre,
                 double const* scale, bool ones, double* panel, std::int64_t width);
    /// gram += panel' panel, for all 8 x 8 tiles that touch the upper triangle. gram is width x
    /// width.
    void (*add_gram)(double const* panel, std::int64_t rows, std::int64_t width, double* gram);
    /// out[i] = panel row i . w; w has `width` elements.
    void (*multiply)(double const* panel, std::int64_t rows, std::int64_t width, double const* w,
                     double* out);
    /// out[i][c] = panel row i . column c of w; w is width x columns, `columns` a multiple of
    /// lanes, and `out` rows x columns.
    void (*multiply_many)(double const* panel, std::int64_t rows, std::int64_t width,
                          double const* w, std::int64_t columns, double* out);
    /// sum += sum over i of factor[i] * panel row i.
    void (*add_rows)(double const* panel, std::int64_t rows, std::int64_t width,
                     double const* factor, double* sum);
    /// panel row i *= factor[i].
    void (*scale_rows)(double* panel, std::int64_t rows, std::int64_t width, double const* factor);
    /// p[i] = 1 / (1 + exp(-z[i])); within 2 units in the last place of 1.
    void (*logistic)(double const* z, std::int64_t n, double* p);
    /// out[i] = exp(min(z[i], 709)); below -708 it is 0.
    void (*exponential)(double const* z, std::int64_t n, double* out);
};

extern DenseKernels const scalar_dense_kernels;
#if defined(__x86_64__)
extern DenseKernels const avx2_dense_kernels;
extern DenseKernels const avx512_dense_kernels;
#endif

/// The best table for this processor (see cpu_level).
DenseKernels const& dense_kernels();

}  // namespace partita::ml
