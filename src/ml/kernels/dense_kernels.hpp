#pragma once

#include <cstdint>

namespace partita::ml {

inline constexpr std::int64_t lanes = 8;  ///< Doubles in a vector; panels are padded to it.
inline constexpr std::int64_t centres_at_once = 4;  ///< Centres of a tile (see nearest).

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
    /// out[i] = x row i . w + intercept. Rows as they lie, rows x cols, w of cols; any alignment.
    void (*score)(double const* x, std::int64_t rows, std::int64_t cols, double const* w,
                  double intercept, double* out);
    /// (1 - p, p) of each z, p as by `logistic`.
    /// @param past_caches  For results that are too many for them: not read before being written.
    void (*logistic_pairs)(double const* z, std::int64_t n, double* out, bool past_caches);
    /// number[i] = the c with the largest panel row i . centre c + bias c, the smallest of equals.
    ///
    /// `clusters` is a multiple of centres_at_once, and `centres` lies in tiles of so many: for
    /// each feature the centres' values, then their biases. `memory` has nearest_memory(width)
    /// doubles.
    void (*nearest)(double const* panel, std::int64_t rows, std::int64_t width,
                    std::int64_t features, double const* centres, std::int64_t clusters,
                    double* memory, double* number, double const* ahead);
    /// square[i] = |panel row i - row number[i] of `centres`|^2 over all `width` columns.
    void (*squared_distances)(double const* panel, std::int64_t rows, std::int64_t width,
                              double const* centres, double const* number, double* square);
    /// Row number[i] of `sums` += weight[i] * panel row i, in order; weights may be null, for 1.
    /// `sums` has rows of `width` and any alignment.
    void (*add_by_number)(double const* panel, std::int64_t rows, std::int64_t width,
                          double const* weight, double const* number, double* sums);
};

inline std::int64_t nearest_memory(std::int64_t width) { return 16 * width; }

extern DenseKernels const scalar_dense_kernels;
#if defined(__x86_64__)
extern DenseKernels const avx2_dense_kernels;
extern DenseKernels const avx512_dense_kernels;
#endif

/// The best table for this processor (see cpu_level).
DenseKernels const& dense_kernels();

}  // namespace partita::ml
