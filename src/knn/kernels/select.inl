// The k-th largest of some numbers, compiled once per instruction set from this one source.
// Included inside an anonymous namespace.

typedef float SixteenFloats __attribute__((vector_size(64)));
typedef std::int32_t SixteenInts __attribute__((vector_size(64)));

/// Floats in their order as integers; its own inverse.
inline std::int32_t ordered(std::int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }
inline std::int32_t to_ordered(float value) {
    std::int32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return ordered(bits);
}
inline float from_ordered(std::int32_t number) {
    std::int32_t const bits = ordered(number);
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

inline SixteenFloats sixteen(float const* from) {
    SixteenFloats values;
    __builtin_memcpy(&values, from, sizeof values);
    return values;
}

inline SixteenFloats sixteen_times(float value) { return value - SixteenFloats{}; }

#if defined(__AVX512F__)
inline float smallest_of(SixteenFloats values) { return _mm512_reduce_min_ps(values); }

inline std::int64_t count_at_least(float const* values, std::int64_t count, float pivot) {
    __m512 const least = _mm512_set1_ps(pivot);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < count; i += 16)
        sum +=
            __builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(values + i), least, _CMP_GE_OQ));
    return sum;
}
#else
inline float smallest_of(SixteenFloats values) {
    float smallest = values[0];
    for (int i = 1; i < 16; ++i) smallest = values[i] < smallest ? values[i] : smallest;
    return smallest;
}

inline std::int64_t count_at_least(float const* values, std::int64_t count, float pivot) {
    SixteenInts counts = {};
    for (std::int64_t i = 0; i < count; i += 16) counts -= sixteen(values + i) >= pivot;
    std::int64_t sum = 0;
    for (int i = 0; i < 16; ++i) sum += counts[i];
    return sum;
}
#endif

inline float smallest_at_least(float const* values, std::int64_t count, float pivot) {
    SixteenFloats const infinity = sixteen_times(__builtin_inff());
    SixteenFloats smallest = infinity;
    for (std::int64_t i = 0; i < count; i += 16) {
        SixteenFloats const some = sixteen(values + i);
        SixteenFloats const wanted = some >= pivot ? some : infinity;
        smallest = wanted < smallest ? wanted : smallest;
    }
    return smallest_of(smallest);
}

inline float largest_of_all(float const* values, std::int64_t count) {
    SixteenFloats largest = sixteen(values);
    for (std::int64_t i = 16; i < count; i += 16) {
        SixteenFloats const some = sixteen(values + i);
        largest = some > largest ? some : largest;
    }
    return -smallest_of(-largest);
}

/// Halves the interval between the smallest and the largest until k values lie above.
float kth_largest(float* values, std::int64_t count, std::int64_t k) {
    for (std::int64_t i = count; i % 16 != 0; ++i) values[i] = __builtin_inff();
    std::int64_t low = to_ordered(smallest_at_least(values, count, -__builtin_inff()));
    for (std::int64_t i = count; i % 16 != 0; ++i) values[i] = -__builtin_inff();
    std::int64_t high = to_ordered(largest_of_all(values, count));
    while (low < high) {
        std::int64_t const middle = low + (high - low + 1) / 2;
        float const pivot = from_ordered(static_cast<std::int32_t>(middle));
        std::int64_t const above = count_at_least(values, count, pivot);
        if (above == k) return smallest_at_least(values, count, pivot);
        if (above > k)
            low = middle;
        else
            high = middle - 1;
    }
    return from_ordered(static_cast<std::int32_t>(low));
}
