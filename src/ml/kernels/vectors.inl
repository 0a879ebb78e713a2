// Vectors of eight doubles: narrower machines take them in pieces, in the same order.

typedef double Vector __attribute__((vector_size(64)));
typedef double UnalignedVector __attribute__((vector_size(64), aligned(8)));
typedef long long Integers __attribute__((vector_size(64)));

inline Vector load(double const* p) { return *reinterpret_cast<Vector const*>(p); }
inline void store(double* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }
inline Vector load_unaligned(double const* p) {
    return *reinterpret_cast<UnalignedVector const*>(p);
}
inline void store_unaligned(double* p, Vector v) { *reinterpret_cast<UnalignedVector*>(p) = v; }

/// Into memory past the caches, which are not read for it; p is aligned to 64 bytes.
inline void store_past_caches(double* p, Vector v) {
#if defined(__AVX512F__)
    _mm512_stream_pd(p, (__m512d)v);
#elif defined(__AVX__)
    _mm256_stream_pd(p, (__m256d)__builtin_shufflevector(v, v, 0, 1, 2, 3));
    _mm256_stream_pd(p + 4, (__m256d)__builtin_shufflevector(v, v, 4, 5, 6, 7));
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

inline Vector select(Integers condition, Vector a, Vector b) {
    return (Vector)(((Integers)a & condition) | ((Integers)b & ~condition));
}

inline double sum_of(Vector v) {
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

// Of two vectors: the even and the odd elements in turn; the even and the odd pairs; the halves.
inline Vector evens(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
}
inline Vector odds(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
inline Vector even_pairs(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
inline Vector odd_pairs(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
inline Vector low_halves(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
}
inline Vector high_halves(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}

/// The sums of eight vectors, each in the order of sum_of.
inline Vector sums_of(Vector const* v) {
    Vector pairs[4], fours[2];
    for (int i = 0; i < 4; ++i)
        pairs[i] = evens(v[2 * i], v[2 * i + 1]) + odds(v[2 * i], v[2 * i + 1]);
    for (int i = 0; i < 2; ++i)
        fours[i] =
            even_pairs(pairs[2 * i], pairs[2 * i + 1]) + odd_pairs(pairs[2 * i], pairs[2 * i + 1]);
    return low_halves(fours[0], fours[1]) + high_halves(fours[0], fours[1]);
}

/// out[j * stride] = the j-th elements of eight rows of eight.
inline void transpose_tile(Vector const* row, double* out, std::int64_t stride) {
    Vector even[4], odd[4];
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
