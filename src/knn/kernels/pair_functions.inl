// Distances, compiled once per instruction set from this one source. Those in double: sixteen
// partial sums, added in a fixed tree, no contraction to FMA, so every table gives equal bits.
// Vectors are as wide as the processor's registers: of wider ones gcc keeps parts in memory.
// Included inside an anonymous namespace.

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
#elif defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif

constexpr int double_lanes = register_bytes / 8, float_lanes = register_bytes / 4;
constexpr int double_parts = 16 / double_lanes, float_parts = 16 / float_lanes;

typedef double Doubles __attribute__((vector_size(register_bytes)));
typedef float HalfFloats __attribute__((vector_size(register_bytes / 2)));
typedef float Floats __attribute__((vector_size(register_bytes)));
typedef float FourFloats __attribute__((vector_size(16)));

inline Doubles load_as_doubles(float const* from) {
    HalfFloats values;
    __builtin_memcpy(&values, from, sizeof values);
    return __builtin_convertvector(values, Doubles);
}

inline Floats load_floats(float const* from) {
    Floats values;
    __builtin_memcpy(&values, from, sizeof values);
    return values;
}

/// `count` floats, at least one and fewer than all lanes, and zeros.
#if defined(__AVX__) && !defined(__AVX512F__)
constexpr std::int32_t load_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

inline Doubles load_some_as_doubles(float const* from, std::int64_t count) {
    auto const* const mask = reinterpret_cast<__m128i const*>(load_masks + 8 - count);
    return _mm256_cvtps_pd(_mm_maskload_ps(from, _mm_loadu_si128(mask)));
}

inline Floats load_some_floats(float const* from, std::int64_t count) {
    auto const* const mask = reinterpret_cast<__m256i const*>(load_masks + 8 - count);
    return _mm256_maskload_ps(from, _mm256_loadu_si256(mask));
}
#else
inline Doubles load_some_as_doubles(float const* from, std::int64_t count) {
    float values[double_lanes] = {};
    __builtin_memcpy(values, from, static_cast<std::size_t>(count) * sizeof(float));
    return load_as_doubles(values);
}

inline Floats load_some_floats(float const* from, std::int64_t count) {
    float values[float_lanes] = {};
    __builtin_memcpy(values, from, static_cast<std::size_t>(count) * sizeof(float));
    return load_floats(values);
}
#endif

struct SquaredDifference {
    static Doubles term(Doubles x, Doubles y) {
        Doubles const difference = x - y;
        return difference * difference;
    }
};

struct Product {
    static Doubles term(Doubles x, Doubles y) { return x * y; }
};

/// Of sixteen partial sums, the i-th has the terms i, i + 16, ...
template <class Term>
double sum_of_terms(float const* x, float const* y, std::int64_t dim) {
    Doubles parts[double_parts] = {};
    std::int64_t i = 0;
    for (; i + 16 <= dim; i += 16)
#pragma GCC unroll 8
        for (int p = 0; p < double_parts; ++p) {
            std::int64_t const at = i + p * double_lanes;
            parts[p] += Term::term(load_as_doubles(x + at), load_as_doubles(y + at));
        }
#pragma GCC unroll 8
    for (int p = 0; p < double_parts; ++p) {
        std::int64_t const at = i + p * double_lanes;
        if (at + double_lanes <= dim)
            parts[p] += Term::term(load_as_doubles(x + at), load_as_doubles(y + at));
        else if (at < dim)
            parts[p] += Term::term(load_some_as_doubles(x + at, dim - at),
                                   load_some_as_doubles(y + at, dim - at));
    }
    double sums[8];
#pragma GCC unroll 4
    for (int p = 0; p < double_parts / 2; ++p) {
        Doubles const both = parts[p] + parts[p + double_parts / 2];
        __builtin_memcpy(sums + p * double_lanes, &both, sizeof both);
    }
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) +
           ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

inline Floats squared_difference(Floats x, Floats y) { return (x - y) * (x - y); }

float rough_squared_l2(float const* x, float const* y, std::int64_t dim) {
    constexpr int parts_of_32 = 2 * float_parts;
    Floats parts[parts_of_32] = {};
    std::int64_t i = 0;
    for (; i + 32 <= dim; i += 32)
#pragma GCC unroll 8
        for (int p = 0; p < parts_of_32; ++p) {
            std::int64_t const at = i + p * float_lanes;
            parts[p] += squared_difference(load_floats(x + at), load_floats(y + at));
        }
#pragma GCC unroll 8
    for (int p = 0; p < parts_of_32; ++p) {
        std::int64_t const at = i + p * float_lanes;
        if (at + float_lanes <= dim)
            parts[p] += squared_difference(load_floats(x + at), load_floats(y + at));
        else if (at < dim)
            parts[p] += squared_difference(load_some_floats(x + at, dim - at),
                                           load_some_floats(y + at, dim - at));
    }
    float sums[16];
#pragma GCC unroll 4
    for (int p = 0; p < float_parts; ++p) {
        Floats const both = parts[p] + parts[p + float_parts];
        __builtin_memcpy(sums + p * float_lanes, &both, sizeof both);
    }
    FourFloats quarters[4];
    __builtin_memcpy(quarters, sums, sizeof quarters);
    FourFloats const four = (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
    return (four[0] + four[2]) + (four[1] + four[3]);
}
