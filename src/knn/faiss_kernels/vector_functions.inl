// The loops of VectorFunctions, compiled once per instruction set with PARTITA_LANES floats to a
// register, and multiply-adds contracted. Included inside an anonymous namespace; raw pointers
// only.

typedef float Four __attribute__((vector_size(16)));

template <class Lanes>
inline Lanes load(float const* from) {
    Lanes lanes;
    __builtin_memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

inline float total(Four v) { return (v[0] + v[2]) + (v[1] + v[3]); }
#if PARTITA_LANES >= 8
typedef float Eight __attribute__((vector_size(32)));
inline float total(Eight v) {
    return total(__builtin_shufflevector(v, v, 0, 1, 2, 3) +
                 __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
#endif
#if PARTITA_LANES >= 16
typedef float Sixteen __attribute__((vector_size(64)));
inline float total(Sixteen v) {
    return total(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                 __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}
#endif

typedef float Lanes __attribute__((vector_size(4 * PARTITA_LANES)));

/// `sign` makes smaller mean nearer.
struct SquaredDifference {
    static constexpr float sign = 1;
    template <class T>
    static void add_to(T& sum, T x, T y) {
        T const difference = x - y;
        sum += difference * difference;
    }
};

struct Product {
    static constexpr float sign = -1;
    template <class T>
    static void add_to(T& sum, T x, T y) {
        sum += x * y;
    }
};

/// The last d < PARTITA_LANES coordinates.
template <class Term>
inline float sum_of_rest(float const* x, float const* y, std::size_t d) {
    float sum = 0;
    std::size_t i = 0;
#if PARTITA_LANES >= 16
    if (d - i >= 8) {
        Eight eight = {};
        Term::add_to(eight, load<Eight>(x + i), load<Eight>(y + i));
        sum += total(eight);
        i += 8;
    }
#endif
#if PARTITA_LANES >= 8
    if (d - i >= 4) {
        Four four = {};
        Term::add_to(four, load<Four>(x + i), load<Four>(y + i));
        sum += total(four);
        i += 4;
    }
#endif
    for (; i < d; ++i) Term::add_to(sum, x[i], y[i]);
    return sum;
}

/// Four partial sums hide the latency of the multiply-add.
template <class Term>
inline float sum_of_terms(float const* x, float const* y, std::size_t d) {
    constexpr std::size_t lanes = PARTITA_LANES;
    Lanes sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
    std::size_t i = 0;
    for (; i + 4 * lanes <= d; i += 4 * lanes) {
        Term::add_to(sum0, load<Lanes>(x + i), load<Lanes>(y + i));
        Term::add_to(sum1, load<Lanes>(x + i + lanes), load<Lanes>(y + i + lanes));
        Term::add_to(sum2, load<Lanes>(x + i + 2 * lanes), load<Lanes>(y + i + 2 * lanes));
        Term::add_to(sum3, load<Lanes>(x + i + 3 * lanes), load<Lanes>(y + i + 3 * lanes));
    }
    if (i + 2 * lanes <= d) {
        Term::add_to(sum0, load<Lanes>(x + i), load<Lanes>(y + i));
        Term::add_to(sum1, load<Lanes>(x + i + lanes), load<Lanes>(y + i + lanes));
        i += 2 * lanes;
    }
    if (i + lanes <= d) {
        Term::add_to(sum2, load<Lanes>(x + i), load<Lanes>(y + i));
        i += lanes;
    }
    float const rest = i < d ? sum_of_rest<Term>(x + i, y + i, d - i) : 0.0f;
    return total((sum0 + sum1) + (sum2 + sum3)) + rest;
}

template <class Term>
float pair(float const* x, float const* y, std::size_t d) {
    return sum_of_terms<Term>(x, y, d);
}

template <class Term>
void many(float* results, float const* x, float const* y, std::size_t d, std::size_t ny) {
    for (std::size_t i = 0; i < ny; ++i, y += d) results[i] = sum_of_terms<Term>(x, y, d);
}

/// Ask for a vector's cache lines.
inline void fetch(float const* y, std::size_t d) {
    auto const* bytes = reinterpret_cast<char const*>(y);
    for (std::size_t at = 0; at < 4 * d && at < 2048; at += 64) __builtin_prefetch(bytes + at);
}

template <class Term>
void at(float* results, float const* x, float const* base, std::int32_t const* nodes, std::size_t n,
        std::size_t d) {
    std::size_t const ahead = d <= 128 ? 8 : d < 512 ? 1024 / d : 2;  // about 4 KiB
    auto const vector = [&](std::size_t i) {
        return base + static_cast<std::size_t>(static_cast<std::uint32_t>(nodes[i])) * d;
    };
    for (std::size_t i = 0; i < n && i < ahead; ++i) fetch(vector(i), d);
    for (std::size_t i = 0; i < n; ++i) {
        if (i + ahead < n) fetch(vector(i + ahead), d);
        results[i] = Term::sign * sum_of_terms<Term>(x, vector(i), d);
    }
}

float l1(float const* x, float const* y, std::size_t d) {
    float sum = 0;
    for (std::size_t i = 0; i < d; ++i) sum += __builtin_fabsf(x[i] - y[i]);
    return sum;
}

float linf(float const* x, float const* y, std::size_t d) {
    float largest = 0;
    for (std::size_t i = 0; i < d; ++i) {
        float const difference = __builtin_fabsf(x[i] - y[i]);
        largest = difference > largest ? difference : largest;
    }
    return largest;
}

/// One vector of results at a time stays in a register while all coordinates are added.
void squared_l2_transposed(float* results, float const* x, float const* y, float const* y_squares,
                           std::size_t d, std::size_t stride, std::size_t ny) {
    float const x_square = sum_of_terms<Product>(x, x, d);
    std::size_t i = 0;
    for (; i + PARTITA_LANES <= ny; i += PARTITA_LANES) {
        Lanes products = {};
        for (std::size_t j = 0; j < d; ++j) products += x[j] * load<Lanes>(y + j * stride + i);
        Lanes const squared = x_square + load<Lanes>(y_squares + i) - 2.0f * products;
        __builtin_memcpy(results + i, &squared, sizeof squared);
    }
    for (; i < ny; ++i) {
        float product = 0;
        for (std::size_t j = 0; j < d; ++j) product += x[j] * y[j * stride + i];
        results[i] = x_square + y_squares[i] - 2.0f * product;
    }
}

void add(std::size_t n, float const* a, float const* b, float* c) {
    for (std::size_t i = 0; i < n; ++i) c[i] = a[i] + b[i];
}

void add_number(std::size_t n, float const* a, float b, float* c) {
    for (std::size_t i = 0; i < n; ++i) c[i] = a[i] + b;
}

void subtract(std::size_t n, float const* a, float const* b, float* c) {
    for (std::size_t i = 0; i < n; ++i) c[i] = a[i] - b[i];
}

void add_scaled(std::size_t n, float const* a, float factor, float const* b, float* c) {
    for (std::size_t i = 0; i < n; ++i) c[i] = a[i] + factor * b[i];
}

void pair_distances(float* results, float const* x, float const* centroids, std::size_t n,
                    bool inner_product) {
    float const x0 = x[0], x1 = x[1];
    if (inner_product) {
        for (std::size_t i = 0; i < n; ++i)
            results[i] = x0 * centroids[2 * i] + x1 * centroids[2 * i + 1];
        return;
    }
    for (std::size_t i = 0; i < n; ++i) {
        float const d0 = x0 - centroids[2 * i], d1 = x1 - centroids[2 * i + 1];
        results[i] = d0 * d0 + d1 * d1;
    }
}

#define PARTITA_VECTOR_FUNCTIONS                                                                  \
    {                                                                                             \
        pair<SquaredDifference>, pair<Product>, l1, linf, many<SquaredDifference>, many<Product>, \
            at<SquaredDifference>, at<Product>, squared_l2_transposed, add, subtract, add_number, \
            add_scaled, pair_distances                                                            \
    }
