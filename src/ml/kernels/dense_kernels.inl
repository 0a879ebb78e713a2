// The bodies of DenseKernels; the including source is compiled for one instruction set.
// Vectors of eight doubles everywhere: narrower machines take them in pieces, in the same order.

typedef double Vector __attribute__((vector_size(64)));
typedef double UnalignedVector __attribute__((vector_size(64), aligned(8)));
typedef long long Integers __attribute__((vector_size(64)));

inline Vector load(double const* p) { return *reinterpret_cast<Vector const*>(p); }
inline void store(double* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }

void pack_row(double const* x, std::int64_t cols, double const* centre, double const* scale,
              bool ones, double* __restrict to, std::int64_t width) {
    if (centre && scale)
        for (std::int64_t j = 0; j < cols; ++j) to[j] = (x[j] - centre[j]) * scale[j];
    else if (centre)
        for (std::int64_t j = 0; j < cols; ++j) to[j] = x[j] - centre[j];
    else if (scale)
        for (std::int64_t j = 0; j < cols; ++j) to[j] = x[j] * scale[j];
    else
        for (std::int64_t j = 0; j < cols; ++j) to[j] = x[j];
    std::int64_t j = cols;
    if (ones) to[j++] = 1;
    for (; j < width; ++j) to[j] = 0;
}

void pack(double const* x, std::int64_t rows, std::int64_t cols, double const* centre,
          double const* scale, bool ones, double* panel, std::int64_t width) {
    for (std::int64_t i = 0; i < rows; ++i)
        pack_row(x + i * cols, cols, centre, scale, ones, panel + i * width, width);
}

/// One tile of the Gram matrix: its rows are `Rows` columns of the panel from `a` on, its columns
/// the eight from `b` on. The accumulators stay in registers over all rows of the panel.
template <int Rows>
inline void add_gram_tile(double const* a, double const* b, std::int64_t rows, std::int64_t width,
                          double* gram) {
    Vector sums[Rows];
    for (int r = 0; r < Rows; ++r) sums[r] = load(gram + r * width);
    for (std::int64_t i = 0; i < rows; ++i, a += width, b += width) {
        Vector const y = load(b);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) sums[r] += a[r] * y;
    }
    for (int r = 0; r < Rows; ++r) store(gram + r * width, sums[r]);
}

void add_gram(double const* panel, std::int64_t rows, std::int64_t width, double* gram) {
    for (std::int64_t a = 0; a < width; a += PARTITA_TILE_ROWS)
        for (std::int64_t b = a / lanes * lanes; b < width; b += lanes)
            add_gram_tile<PARTITA_TILE_ROWS>(panel + a, panel + b, rows, width,
                                             gram + a * width + b);
}

inline double sum_of(Vector v) {
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

void multiply(double const* panel, std::int64_t rows, std::int64_t width, double const* w,
              double* out) {
    std::int64_t i = 0;
    for (; i + 4 <= rows; i += 4) {
        double const* const x = panel + i * width;
        Vector sums[4] = {};
        for (std::int64_t j = 0; j < width; j += lanes) {
            Vector const factor = load(w + j);
#pragma GCC unroll 4
            for (int r = 0; r < 4; ++r) sums[r] += load(x + r * width + j) * factor;
        }
        for (int r = 0; r < 4; ++r) out[i + r] = sum_of(sums[r]);
    }
    for (; i < rows; ++i) {
        Vector sum = {};
        for (std::int64_t j = 0; j < width; j += lanes)
            sum += load(panel + i * width + j) * load(w + j);
        out[i] = sum_of(sum);
    }
}

template <int Rows>
inline void multiply_many_tile(double const* x, std::int64_t width, double const* w,
                               std::int64_t columns, double* out) {
    Vector sums[Rows] = {};
    for (std::int64_t j = 0; j < width; ++j) {
        Vector const y = load(w + j * columns);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) sums[r] += x[r * width + j] * y;
    }
    for (int r = 0; r < Rows; ++r) store(out + r * columns, sums[r]);
}

void multiply_many(double const* panel, std::int64_t rows, std::int64_t width, double const* w,
                   std::int64_t columns, double* out) {
    std::int64_t i = 0;
    for (; i + PARTITA_TILE_ROWS <= rows; i += PARTITA_TILE_ROWS)
        for (std::int64_t c = 0; c < columns; c += lanes)
            multiply_many_tile<PARTITA_TILE_ROWS>(panel + i * width, width, w + c, columns,
                                                  out + i * columns + c);
    for (; i < rows; ++i)
        for (std::int64_t c = 0; c < columns; c += lanes)
            multiply_many_tile<1>(panel + i * width, width, w + c, columns, out + i * columns + c);
}

void add_rows(double const* panel, std::int64_t rows, std::int64_t width, double const* factor,
              double* sum) {
    for (std::int64_t j = 0; j < width; j += lanes) {
        Vector total = load(sum + j);
        for (std::int64_t i = 0; i < rows; ++i) total += factor[i] * load(panel + i * width + j);
        store(sum + j, total);
    }
}

void scale_rows(double* panel, std::int64_t rows, std::int64_t width, double const* factor) {
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < width; j += lanes)
            store(panel + i * width + j, factor[i] * load(panel + i * width + j));
}

inline Vector select(Integers condition, Vector a, Vector b) {
    return (Vector)(((Integers)a & condition) | ((Integers)b & ~condition));
}

/// exp by reduction to |r| <= ln(2) / 2 (Cody and Waite 1980) and the Taylor polynomial of degree
/// 13, whose remainder is below half a unit in the last place there.
inline Vector exp_of(Vector z) {
    Vector const most = Vector{} + 709.0, least = Vector{} - 708.0;
    Integers const tiny = z < least;
    z = select(z > most, most, z);
    z = select(tiny, least, z);
    Vector const shift = Vector{} + 0x1.8p52;
    Vector const shifted = z * 0x1.71547652b82fep0 + shift;
    Vector const k = shifted - shift;
    Vector r = z - k * 0x1.62e42fefa3800p-1;
    r = r - k * 0x1.ef35793c76730p-45;
    Vector p = Vector{} + 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    Integers const exponent = ((Integers)shifted - (Integers)shift + 1023) << 52;
    return select(tiny, Vector{}, p * (Vector)exponent);
}

template <class Function>
inline void transform(double const* z, std::int64_t n, double* out, Function function) {
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        *reinterpret_cast<UnalignedVector*>(out + i) =
            function((Vector) * reinterpret_cast<UnalignedVector const*>(z + i));
    if (i == n) return;
    Vector rest = {};
    for (std::int64_t j = i; j < n; ++j) rest[j - i] = z[j];
    rest = function(rest);
    for (std::int64_t j = i; j < n; ++j) out[j] = rest[j - i];
}

struct Exponential {
    Vector operator()(Vector z) const { return exp_of(z); }
};
struct Logistic {
    Vector operator()(Vector z) const { return 1.0 / (1.0 + exp_of(-z)); }
};

void exponential(double const* z, std::int64_t n, double* out) {
    transform(z, n, out, Exponential{});
}
void logistic(double const* z, std::int64_t n, double* p) { transform(z, n, p, Logistic{}); }

#define PARTITA_DENSE_KERNELS \
    { pack, add_gram, multiply, multiply_many, add_rows, scale_rows, logistic, exponential }
