#pragma once

#include <cstddef>
#include <cstdint>

namespace partita::knn {

/// The loops behind FAISS's distance functions and behind walks of a graph for one instruction set;
/// FAISS's headers say what each of the former computes. The order of summation differs from one
/// table to the next.
struct VectorFunctions {
    using Pair = float (*)(float const* x, float const* y, std::size_t d);
    /// results[i] for the ny vectors of d floats at y.
    using Many = void (*)(float* results, float const* x, float const* y, std::size_t d,
                          std::size_t ny);
    /// results[i] for the vectors number nodes[i] of those of d floats at `base`, i < n. Fetches
    /// vectors from memory while it works on those before them.
    using At = void (*)(float* results, float const* x, float const* base,
                        std::int32_t const* nodes, std::size_t n, std::size_t d);
    using Sum = void (*)(std::size_t n, float const* a, float const* b, float* c);
    using ScaledSum = void (*)(std::size_t n, float const* a, float factor, float const* b,
                               float* c);

    Pair squared_l2, inner_product, l1, linf;
    Many squared_l2_many, inner_product_many;
    At squared_l2_at, minus_inner_product_at;
    /// As squared_l2_many, for vectors whose coordinate j of all lies at y + j * stride, and whose
    /// squared lengths are known.
    void (*squared_l2_transposed)(float* results, float const* x, float const* y,
                                  float const* y_squares, std::size_t d, std::size_t stride,
                                  std::size_t ny);
    Sum add, subtract;
    void (*add_number)(std::size_t n, float const* a, float b, float* c);
    ScaledSum add_scaled;
    /// Distances of one pair of coordinates to `n` pairs.
    void (*pair_distances)(float* results, float const* x, float const* centroids, std::size_t n,
                           bool inner_product);
};

extern VectorFunctions const scalar_vector_functions;
#if defined(__x86_64__)
extern VectorFunctions const avx2_vector_functions;
extern VectorFunctions const avx512_vector_functions;
#endif

/// What graph walks call, and FAISS where our functions are in its place. Ready before any
/// constructor of a static object runs (with the scalar table), then chosen by cpu_level(). Tests
/// put a table of their own here.
extern VectorFunctions const* active_vector_functions;

}  // namespace partita::knn
