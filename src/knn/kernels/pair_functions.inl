// Distances, compiled once per instruction set from this one source. Those in double: sixteen
// partial sums in two vectors, added in a fixed tree, no contraction to FMA, so every table gives
// equal bits. Included inside an anonymous namespace.

typedef double EightDoubles __attribute__((vector_size(64)));
typedef float EightFloats __attribute__((vector_size(32)));

inline EightDoubles load_as_doubles(float const* from) {
    EightFloats values;
    __builtin_memcpy(&values, from, sizeof values);
    return __builtin_convertvector(values, EightDoubles);
}

struct SquaredDifference {
    static EightDoubles term(EightDoubles x, EightDoubles y) {
        EightDoubles const difference = x - y;
        return difference * difference;
    }
};

struct Product {
    static EightDoubles term(EightDoubles x, EightDoubles y) { return x * y; }
};

template <class Term>
double sum_of_terms(float const* x, float const* y, std::int64_t dim) {
    EightDoubles low = {}, high = {};
    std::int64_t i = 0;
    for (; i + 16 <= dim; i += 16) {
        low += Term::term(load_as_doubles(x + i), load_as_doubles(y + i));
        high += Term::term(load_as_doubles(x + i + 8), load_as_doubles(y + i + 8));
    }
    if (i < dim) {  // padded with zeros, whose terms are zero
        float x_rest[16] = {}, y_rest[16] = {};
        auto const rest_bytes = static_cast<std::size_t>(dim - i) * sizeof(float);
        __builtin_memcpy(x_rest, x + i, rest_bytes);
        __builtin_memcpy(y_rest, y + i, rest_bytes);
        low += Term::term(load_as_doubles(x_rest), load_as_doubles(y_rest));
        high += Term::term(load_as_doubles(x_rest + 8), load_as_doubles(y_rest + 8));
    }
    EightDoubles const sum = low + high;
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

typedef float SixteenFloats __attribute__((vector_size(64)));
typedef float FourFloats __attribute__((vector_size(16)));

inline SixteenFloats squared_differences(float const* x, float const* y) {
    SixteenFloats a, b;
    __builtin_memcpy(&a, x, sizeof a);
    __builtin_memcpy(&b, y, sizeof b);
    return (a - b) * (a - b);
}

inline float sum_of(SixteenFloats values) {
    EightFloats halves[2];
    __builtin_memcpy(halves, &values, sizeof halves);
    EightFloats const eight = halves[0] + halves[1];
    FourFloats quarters[2];
    __builtin_memcpy(quarters, &eight, sizeof quarters);
    FourFloats const four = quarters[0] + quarters[1];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

float rough_squared_l2(float const* x, float const* y, std::int64_t dim) {
    SixteenFloats even = {}, odd = {};
    std::int64_t i = 0;
    for (; i + 32 <= dim; i += 32) {
        even += squared_differences(x + i, y + i);
        odd += squared_differences(x + i + 16, y + i + 16);
    }
    for (; i + 16 <= dim; i += 16) even += squared_differences(x + i, y + i);
    if (i < dim) {  // padded with zeros, which are equal
        float x_rest[16] = {}, y_rest[16] = {};
        auto const rest_bytes = static_cast<std::size_t>(dim - i) * sizeof(float);
        __builtin_memcpy(x_rest, x + i, rest_bytes);
        __builtin_memcpy(y_rest, y + i, rest_bytes);
        odd += squared_differences(x_rest, y_rest);
    }
    return sum_of(even + odd);
}
