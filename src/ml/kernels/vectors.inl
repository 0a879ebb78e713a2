// Vectors of eight doubles, in registers of the processor: one of eight, two of four or four of
// two. What is summed in which order is the same. (gcc keeps vectors that are wider than registers
// in memory, at several times the cost.)

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
#elif defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif

typedef double Register __attribute__((vector_size(register_bytes)));
typedef long IntegerRegister __attribute__((vector_size(register_bytes)));

/// Of two vectors: the even and the odd elements in turn; the even and the odd pairs; the lower and
/// the upper elements in turn.
#if defined(__AVX512F__)
inline Register evens(Register a, Register b) {
    return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
}
inline Register odds(Register a, Register b) {
    return __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
inline Register even_pairs(Register a, Register b) {
    return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
inline Register odd_pairs(Register a, Register b) {
    return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
inline Register lower_in_turn(Register a, Register b) {
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline Register upper_in_turn(Register a, Register b) {
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#elif defined(__AVX__)
inline Register evens(Register a, Register b) { return __builtin_shufflevector(a, b, 0, 4, 2, 6); }
inline Register odds(Register a, Register b) { return __builtin_shufflevector(a, b, 1, 5, 3, 7); }
inline Register even_pairs(Register a, Register b) {
    return __builtin_shufflevector(a, b, 0, 1, 4, 5);
}
inline Register odd_pairs(Register a, Register b) {
    return __builtin_shufflevector(a, b, 2, 3, 6, 7);
}
inline Register lower_in_turn(Register a, Register b) {
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
inline Register upper_in_turn(Register a, Register b) {
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
#else
inline Register evens(Register a, Register b) { return __builtin_shufflevector(a, b, 0, 2); }
inline Register odds(Register a, Register b) { return __builtin_shufflevector(a, b, 1, 3); }
inline Register lower_in_turn(Register a, Register b) { return evens(a, b); }
inline Register upper_in_turn(Register a, Register b) { return odds(a, b); }
#endif

inline void read(Register& v, double const* from) { __builtin_memcpy(&v, from, sizeof v); }
inline void read(IntegerRegister& v, long const* from) { __builtin_memcpy(&v, from, sizeof v); }
inline void write(Register v, double* to) { __builtin_memcpy(to, &v, sizeof v); }

inline Register select(IntegerRegister condition, Register a, Register b) {
    return condition ? a : b;
}
inline IntegerRegister bits_of(Register v) { return (IntegerRegister)v; }
inline Register from_bits(IntegerRegister v) { return (Register)v; }

#if defined(__AVX512F__)
typedef Register Vector;
typedef IntegerRegister Integers;

inline Vector low_halves(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
}
inline Vector high_halves(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
#else
#include "ml/kernels/vector_pairs.inl"
#if defined(__AVX__)
using Vector = Pair<Register>;
using Integers = Pair<IntegerRegister>;
#else
using Vector = Pair<Pair<Register> >;
using Integers = Pair<Pair<IntegerRegister> >;
#endif
#endif

inline Vector load_unaligned(double const* p) {
    Vector v;
    read(v, p);
    return v;
}
inline void store_unaligned(double* p, Vector v) { write(v, p); }
inline Vector load(double const* p) {
    return load_unaligned(static_cast<double const*>(__builtin_assume_aligned(p, 64)));
}
inline void store(double* p, Vector v) {
    store_unaligned(static_cast<double*>(__builtin_assume_aligned(p, 64)), v);
}

/// Into memory past the caches, which are not read for it; p is aligned to 64 bytes.
inline void store_past_caches(double* p, Vector v) {
#if defined(__AVX512F__)
    _mm512_stream_pd(p, (__m512d)v);
#elif defined(__AVX__)
    _mm256_stream_pd(p, (__m256d)v.low);
    _mm256_stream_pd(p + 4, (__m256d)v.high);
#else
    store(p, v);
#endif
}

/// Other threads see such stores after it.
inline void end_of_stores_past_caches() {
#if defined(__AVX__)
    _mm_sfence();
#endif
}

inline Vector filled_with(double value) { return Vector{} + value; }

/// Lanes from `first` to before `last`.
inline Integers lanes_between(std::int64_t first, std::int64_t last) {
    long wanted[lanes];
    for (std::int64_t j = 0; j < lanes; ++j) wanted[j] = j >= first && j < last ? -1 : 0;
    Integers mask;
    read(mask, wanted);
    return mask;
}

inline double sum_of(Vector vector) {
    double v[lanes];
    store_unaligned(v, vector);
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

/// The sums of eight vectors, each in the order of sum_of.
inline Vector sums_of(Vector const* v) {
    Vector pairs[4], fours[2];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
        pairs[i] = evens(v[2 * i], v[2 * i + 1]) + odds(v[2 * i], v[2 * i + 1]);
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i)
        fours[i] =
            even_pairs(pairs[2 * i], pairs[2 * i + 1]) + odd_pairs(pairs[2 * i], pairs[2 * i + 1]);
    return low_halves(fours[0], fours[1]) + high_halves(fours[0], fours[1]);
}

/// out[j * stride] = the j-th elements of eight rows of eight.
inline void transpose_tile(Vector const* row, double* out, std::int64_t stride) {
    Vector even[4], odd[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        even[i] = evens(row[2 * i], row[2 * i + 1]);
        odd[i] = odds(row[2 * i], row[2 * i + 1]);
    }
    auto const put = [&](std::int64_t j, Vector upper, Vector lower) {
        store(out + j * stride, low_halves(upper, lower));
        store(out + (j + 4) * stride, high_halves(upper, lower));
    };
    put(0, even_pairs(even[0], even[1]), even_pairs(even[2], even[3]));
    put(1, even_pairs(odd[0], odd[1]), even_pairs(odd[2], odd[3]));
    put(2, odd_pairs(even[0], even[1]), odd_pairs(even[2], even[3]));
    put(3, odd_pairs(odd[0], odd[1]), odd_pairs(odd[2], odd[3]));
}
