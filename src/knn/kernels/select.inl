// The k-th largest of some numbers, compiled once per instruction set from this one source.
// Included inside an anonymous namespace, after the distances.

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

#if defined(__AVX512F__)
inline float smallest_of(Floats values) { return _mm512_reduce_min_ps(values); }

inline int count_at_least(Floats values, Floats least) {
    return __builtin_popcount(_mm512_cmp_ps_mask(values, least, _CMP_GE_OQ));
}
#else
inline float smallest_of(Floats values) {
    float smallest = values[0];
    for (int i = 1; i < float_lanes; ++i) smallest = values[i] < smallest ? values[i] : smallest;
    return smallest;
}

#if defined(__AVX__)
inline int count_at_least(Floats values, Floats least) {
    return __builtin_popcount(
        static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(values, least, _CMP_GE_OQ))));
}
#else
inline int count_at_least(Floats values, Floats least) {
    int count = 0;
    for (int i = 0; i < float_lanes; ++i) count += values[i] >= least[i];
    return count;
}
#endif
#endif

inline Floats filled_with(float value) { return value - Floats{}; }

inline std::int64_t count_at_least(float const* values, std::int64_t count, float pivot) {
    Floats const least = filled_with(pivot);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < count; i += float_lanes)
        sum += count_at_least(load_floats(values + i), least);
    return sum;
}

inline float smallest_at_least(float const* values, std::int64_t count, float pivot) {
    Floats const infinity = filled_with(__builtin_inff());
    Floats smallest = infinity;
    for (std::int64_t i = 0; i < count; i += float_lanes) {
        Floats const some = load_floats(values + i);
        Floats const wanted = some >= pivot ? some : infinity;
        smallest = wanted < smallest ? wanted : smallest;
    }
    return smallest_of(smallest);
}

inline float largest_of_all(float const* values, std::int64_t count) {
    Floats largest = load_floats(values);
    for (std::int64_t i = float_lanes; i < count; i += float_lanes) {
        Floats const some = load_floats(values + i);
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
