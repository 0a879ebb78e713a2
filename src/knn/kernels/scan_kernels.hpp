#pragma once

#include <cstdint>

namespace partita::knn {

inline constexpr int panel_columns = 64;  ///< Base vectors that a panel holds side by side.
inline constexpr int tile_queries = 6;    ///< Queries that a tile scores at a time, at most.
inline constexpr int vector_columns = 16;
inline constexpr int panel_vectors = panel_columns / vector_columns;

/// What a tile found. `scores` are set only where the tile returned true.
struct TileResult {
    alignas(64) float scores[tile_queries][panel_columns];
    std::uint64_t passed[tile_queries];  ///< Bit j: column j reached the query's threshold.
};

/// Score queries against the columns of a panel: bias[j] + query . column j, in float32.
///
/// @param queries     pointers to `dim` floats, as many as the function is made for.
/// @param panel       dim x panel_columns.
/// @param thresholds  one per query.
/// @return            whether any score is >= its query's threshold.
using ScoreTile = bool (*)(float const* const* queries, std::int64_t dim, float const* panel,
                           float const* bias, float const* thresholds, TileResult& result);

/// What a tile must reach whose pairs count both ways: for the queries among the columns, and for
/// the columns among the queries.
struct PairThresholds {
    float queries[tile_queries];  ///< NaN = there is none.
    float shifts[tile_queries];   ///< What a score is short of the column's; NaN = there is none.
    float const* columns;         ///< panel_columns: for score + shift; NaN = there is none.
};

struct PairResult : TileResult {
    std::uint64_t reached[tile_queries];  ///< Bit j: score + shift reached column j's threshold.
};

/// ScoreTile for tile_queries queries and all columns, compared both ways.
/// @return  whether anything passed or was reached.
using ScorePairs = bool (*)(float const* const* queries, std::int64_t dim, float const* panel,
                            float const* bias, PairThresholds const& thresholds,
                            PairResult& result);

/// Transpose `rows` (at most panel_columns) rows into a panel, minus `centre` (or nullptr);
/// missing columns become zero.
///
/// @param first    rows x dim, possibly not aligned to a float.
/// @param panel    dim x panel_columns.
/// @param squares  panel_columns: squared lengths of the panel's columns, in float32.
using PackPanel = void (*)(float const* first, std::int64_t rows, std::int64_t dim,
                           float const* centre, float* panel, float* squares);

/// Squared L2 distance or inner product in double; equal bits in every table. Vectors may be
/// unaligned.
using PairFunction = double (*)(float const* x, float const* y, std::int64_t dim);

/// Squared L2 distance in float32, of vectors that may be unaligned: of its true value, while that
/// is neither tiny nor near overflow, a (dim + 3) / 2^24-th may be wrong.
using RoughPairFunction = float (*)(float const* x, float const* y, std::int64_t dim);

/// The k-th largest value, 1 <= k <= count; no NaN. Room for count rounded up to a multiple of 16,
/// of which the rest is overwritten.
using KthLargest = float (*)(float* values, std::int64_t count, std::int64_t k);

/// The hot loops for one instruction set.
///
/// Their sources hold nothing but loops over raw pointers: an inline function of the standard
/// library compiled with -mavx512f could be the copy that the linker keeps for all the program.
struct ScanKernels {
    PackPanel pack_panel;
    /// [v - 1][q - 1] scores q queries against the first v * vector_columns columns.
    ScoreTile score_tile[panel_vectors][tile_queries];
    ScorePairs score_pairs;
    PairFunction squared_l2;
    PairFunction inner_product;
    RoughPairFunction rough_squared_l2;
    KthLargest kth_largest;
};

extern ScanKernels const scalar_kernels;
#if defined(__x86_64__)
extern ScanKernels const avx2_kernels;
extern ScanKernels const avx512_kernels;
#endif

/// The best table for this processor (see cpu_level).
ScanKernels const& scan_kernels();

}  // namespace partita::knn
