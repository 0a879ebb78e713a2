#pragma once

#include "knn/kernels/scan_kernels.hpp"

#include <cstdint>

namespace partita::knn {

/// Coordinates that stand together in a panel of bytes: a lane of a dot product takes them at once.
inline constexpr std::int64_t byte_group = 4;
inline constexpr std::int64_t byte_groups(std::int64_t dim) {
    return (dim + byte_group - 1) / byte_group;
}
/// What a coordinate of 0 is in a panel, where bytes have no sign.
inline constexpr int byte_zero = 128;
/// Vectors of more coordinates could overflow a sum of 32 bits.
inline constexpr std::int64_t most_byte_dim = 1 << 15;
/// No step between bytes is smaller, so that its inverse is finite.
inline constexpr float least_byte_step = 1e-30f;

/// A vector as bytes: it is nearly step * code.
struct ByteScale {
    float step;
    float squared_error;   ///< |vector - step * code|^2, summed in float32.
    std::int32_t product;  ///< The sum of the codes times -byte_zero.
};

/// Round a vector of `dim` floats to codes in [-127, 127]; the rest of its last group is 0.
using RoundToBytes = ByteScale (*)(float const* vector, std::int64_t dim, std::int8_t* codes);

/// Columns of a panel as bytes, by column.
struct ByteColumns {
    alignas(64) float steps[panel_columns];
    float squares[panel_columns];         ///< Squared lengths of the columns, in float32.
    float squared_errors[panel_columns];  ///< |column - step * code|^2, in float32.
};

/// Round `rows` (at most panel_columns) rows, minus `centre` (or nullptr), to bytes, and transpose
/// them into a panel; missing columns become zero.
///
/// @param first  rows x dim, possibly not aligned to a float.
/// @param panel  byte_groups(dim) x panel_columns x byte_group codes, each plus byte_zero.
using PackBytes = void (*)(float const* first, std::int64_t rows, std::int64_t dim,
                           float const* centre, std::uint8_t* panel, ByteColumns& columns);

/// What turns a query's sums of integers into scores.
struct ByteTerms {
    float step;          ///< Of the query.
    float offset;        ///< Added to step * sum, before a column's step multiplies both.
    float threshold;     ///< See ScoreTile.
    std::int32_t start;  ///< Where sums begin: ByteScale::product.
};

/// Score queries against the columns of a panel: bias[j] + steps[j] * (step * sum + offset), where
/// sum is the dot product of both codes. As ScoreTile for the rest.
///
/// @param queries  pointers to byte_groups(dim) groups of codes.
using ScoreByteTile = bool (*)(std::int8_t const* const* queries, std::int64_t groups,
                               ByteTerms const* terms, std::uint8_t const* panel,
                               float const* steps, float const* bias, TileResult& result);

/// The product of two vectors of floats, summed in any order: for what bytes do not decide.
using FloatProduct = float (*)(float const* x, float const* y, std::int64_t dim);

/// The loops for one instruction set.
struct ByteKernels {
    RoundToBytes round;
    PackBytes pack_panel;
    FloatProduct product;
    /// [v - 1][q - 1]; see ScanKernels.
    ScoreByteTile score_tile[panel_vectors][tile_queries];
};

extern ByteKernels const scalar_byte_kernels;
#if defined(__x86_64__)
extern ByteKernels const vnni_byte_kernels;
/// Does this processor run them?
bool has_vnni();
#endif

/// The table to score vectors of `dim` coordinates with, or nothing where floats are faster.
///
/// $PARTITA_KNN_SCORES may say "floats" or "bytes", to compare both on one machine; results are the
/// same. It is looked at in each call.
ByteKernels const* byte_kernels(std::int64_t dim);

}  // namespace partita::knn
