// The bodies of DenseKernels; the including source is compiled for one instruction set.

#include "ml/kernels/vectors.inl"

/// Rows whose sums registers hold.
constexpr int tile_rows = register_bytes == 64 ? 8 : 4;

/// What is left over of a row beyond whole vectors, and what stands behind it in a panel.
struct RowEnd {
    Vector centre, scale, padding;
    Integers features;  // which lanes are features

    RowEnd(std::int64_t rest, double const* centres, double const* scales, bool ones) {
        double numbers[3][lanes] = {};
        for (std::int64_t j = 0; j < rest; ++j) {
            numbers[0][j] = centres ? centres[j] : 0;
            numbers[1][j] = scales ? scales[j] : 1;
        }
        if (ones) numbers[2][rest] = 1;
        centre = load_unaligned(numbers[0]);
        scale = load_unaligned(numbers[1]);
        padding = load_unaligned(numbers[2]);
        features = lanes_between(0, rest);
    }
};

template <bool Centre, bool Scale>
inline Vector changed(Vector x, Vector centre, Vector scale) {
    if (Centre) x = x - centre;
    return Scale ? x * scale : x;
}

template <bool Centre, bool Scale>
void pack_as(double const* x, std::int64_t rows, std::int64_t cols, double const* centre,
             double const* scale, bool ones, double* panel, std::int64_t width) {
    std::int64_t const whole = cols / lanes * lanes, rest = cols - whole;
    RowEnd const end(rest, Centre ? centre + whole : nullptr, Scale ? scale + whole : nullptr,
                     ones);
    for (std::int64_t i = 0; i < rows; ++i, x += cols, panel += width) {
        for (std::int64_t j = 0; j < whole; j += lanes)
            store(panel + j, changed<Centre, Scale>(load_unaligned(x + j),
                                                    Centre ? load_unaligned(centre + j) : Vector{},
                                                    Scale ? load_unaligned(scale + j) : Vector{}));
        // Of all rows but the last ones, what lies behind may be read.
        double last[lanes] = {};
        double const* from = x + whole;
        if ((rows - 1 - i) * cols + rest < lanes) {
            for (std::int64_t j = 0; j < rest; ++j) last[j] = from[j];
            from = last;
        }
        Vector const values = changed<Centre, Scale>(load_unaligned(from), end.centre, end.scale);
        if (whole < width) store(panel + whole, select(end.features, values, end.padding));
        for (std::int64_t j = whole + lanes; j < width; j += lanes) store(panel + j, Vector{});
    }
}

void pack(double const* x, std::int64_t rows, std::int64_t cols, double const* centre,
          double const* scale, bool ones, double* panel, std::int64_t width) {
    if (centre && scale)
        pack_as<true, true>(x, rows, cols, centre, scale, ones, panel, width);
    else if (centre)
        pack_as<true, false>(x, rows, cols, centre, scale, ones, panel, width);
    else if (scale)
        pack_as<false, true>(x, rows, cols, centre, scale, ones, panel, width);
    else
        pack_as<false, false>(x, rows, cols, centre, scale, ones, panel, width);
}

/// One tile of the Gram matrix: its rows are `Rows` columns of the panel from `a` on, its columns
/// the eight from `b` on. The accumulators stay in registers over all rows of the panel.
template <int Rows>
inline void add_gram_tile(double const* a, double const* b, std::int64_t rows, std::int64_t width,
                          double* gram) {
    Vector sums[Rows];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) sums[r] = load(gram + r * width);
    for (std::int64_t i = 0; i < rows; ++i, a += width, b += width) {
        Vector const y = load(b);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) sums[r] += a[r] * y;
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) store(gram + r * width, sums[r]);
}

void add_gram(double const* panel, std::int64_t rows, std::int64_t width, double* gram) {
    for (std::int64_t a = 0; a < width; a += tile_rows)
        for (std::int64_t b = a / lanes * lanes; b < width; b += lanes)
            add_gram_tile<tile_rows>(panel + a, panel + b, rows, width, gram + a * width + b);
}

/// @param sums  Of the products of w and each of so many rows, one after the other.
template <int Rows>
inline void multiply_tile(double const* x, std::int64_t width, double const* w, Vector* sums) {
    Vector totals[Rows] = {};
    for (std::int64_t j = 0; j < width; j += lanes) {
        Vector const factor = load(w + j);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) totals[r] += load(x + r * width + j) * factor;
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) sums[r] = totals[r];
}

void multiply(double const* panel, std::int64_t rows, std::int64_t width, double const* w,
              double* out) {
    std::int64_t i = 0;
    for (; i + 8 <= rows; i += 8) {
        Vector sums[8];
#pragma GCC unroll 2
        for (int r = 0; r < 8; r += tile_rows)
            multiply_tile<tile_rows>(panel + (i + r) * width, width, w, sums + r);
        store_unaligned(out + i, sums_of(sums));
    }
    for (; i < rows; ++i) {
        Vector sum;
        multiply_tile<1>(panel + i * width, width, w, &sum);
        out[i] = sum_of(sum);
    }
}

/// What a row, of at least eight columns, has beyond whole vectors: its last eight elements, of
/// which those that a whole vector has do not count.
struct RestOfRow {
    Integers counted;
    Vector factor;

    RestOfRow(double const* w, std::int64_t cols)
        : counted(lanes_between(lanes - cols % lanes, lanes)), factor(of(w + cols)) {}
    Vector of(double const* end) const {
        return from_bits(bits_of(load_unaligned(end - lanes)) & counted);
    }
};

/// Rows as they lie.
template <int Rows>
inline void score_tile(double const* x, std::int64_t cols, double const* w, RestOfRow const& rest,
                       Vector* sums) {
    std::int64_t const whole = cols / lanes * lanes;
    Vector totals[Rows] = {};
    for (std::int64_t j = 0; j < whole; j += lanes) {
        Vector const factor = load_unaligned(w + j);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) totals[r] += load_unaligned(x + r * cols + j) * factor;
    }
    if (whole < cols) {
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) totals[r] += rest.of(x + (r + 1) * cols) * rest.factor;
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) sums[r] = totals[r];
}

void score(double const* x, std::int64_t rows, std::int64_t cols, double const* w, double intercept,
           double* out) {
    if (cols < lanes) {
        for (std::int64_t i = 0; i < rows; ++i) {
            double sum = intercept;
            for (std::int64_t j = 0; j < cols; ++j) sum += x[i * cols + j] * w[j];
            out[i] = sum;
        }
        return;
    }
    RestOfRow const rest(w, cols);
    Vector sums[8];
    std::int64_t i = 0;
    for (; i + 8 <= rows; i += 8) {
#pragma GCC unroll 2
        for (int r = 0; r < 8; r += tile_rows)
            score_tile<tile_rows>(x + (i + r) * cols, cols, w, rest, sums + r);
        store_unaligned(out + i, sums_of(sums) + intercept);
    }
    for (; i < rows; ++i) {
        score_tile<1>(x + i * cols, cols, w, rest, sums);
        out[i] = sum_of(sums[0]) + intercept;
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
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) store(out + r * columns, sums[r]);
}

void multiply_many(double const* panel, std::int64_t rows, std::int64_t width, double const* w,
                   std::int64_t columns, double* out) {
    std::int64_t i = 0;
    for (; i + tile_rows <= rows; i += tile_rows)
        for (std::int64_t c = 0; c < columns; c += lanes)
            multiply_many_tile<tile_rows>(panel + i * width, width, w + c, columns,
                                          out + i * columns + c);
    for (; i < rows; ++i)
        for (std::int64_t c = 0; c < columns; c += lanes)
            multiply_many_tile<1>(panel + i * width, width, w + c, columns, out + i * columns + c);
}

/// Vectors side by side: one sum alone would wait for its last addition.
template <int Columns>
inline void add_rows_tile(double const* panel, std::int64_t rows, std::int64_t width,
                          double const* factor, double* sum) {
    Vector totals[Columns];
#pragma GCC unroll 4
    for (int c = 0; c < Columns; ++c) totals[c] = load(sum + c * lanes);
    for (std::int64_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            totals[c] += factor[i] * load(panel + i * width + c * lanes);
    }
#pragma GCC unroll 4
    for (int c = 0; c < Columns; ++c) store(sum + c * lanes, totals[c]);
}

void add_rows(double const* panel, std::int64_t rows, std::int64_t width, double const* factor,
              double* sum) {
    std::int64_t j = 0;
    for (; j + 4 * lanes <= width; j += 4 * lanes)
        add_rows_tile<4>(panel + j, rows, width, factor, sum + j);
    for (; j < width; j += lanes) add_rows_tile<1>(panel + j, rows, width, factor, sum + j);
}

void scale_rows(double* panel, std::int64_t rows, std::int64_t width, double const* factor) {
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < width; j += lanes)
            store(panel + i * width + j, factor[i] * load(panel + i * width + j));
}

/// exp by reduction to |r| <= ln(2) / 2 (Cody and Waite 1980) and the Taylor polynomial of degree
/// 13, whose remainder is below half a unit in the last place there.
inline Vector exp_of(Vector z) {
    Vector const most = filled_with(709.0), least = filled_with(-708.0);
    Integers const tiny = z < least;
    z = select(z > most, most, z);
    z = select(tiny, least, z);
    Vector const shift = filled_with(0x1.8p52);
    Vector const shifted = z * 0x1.71547652b82fep0 + shift;
    Vector const k = shifted - shift;
    Vector r = z - k * 0x1.62e42fefa3800p-1;
    r = r - k * 0x1.ef35793c76730p-45;
    Vector p = filled_with(1.0 / 6227020800.0);
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
    Integers const exponent = (bits_of(shifted) - bits_of(shift) + 1023L) << 52;
    return select(tiny, Vector{}, p * from_bits(exponent));
}

template <class Function>
inline void transform(double const* z, std::int64_t n, double* out, Function function) {
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes) store_unaligned(out + i, function(load_unaligned(z + i)));
    if (i == n) return;
    double rest[lanes] = {};
    for (std::int64_t j = i; j < n; ++j) rest[j - i] = z[j];
    store_unaligned(rest, function(load_unaligned(rest)));
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

void logistic_pairs_one_by_one(double const* z, std::int64_t n, double* out) {
    for (std::int64_t i = 0; i < n; i += lanes) {
        double p[lanes];
        std::int64_t const some = n - i < lanes ? n - i : lanes;
        logistic(z + i, some, p);
        for (std::int64_t j = 0; j < some; ++j, out += 2) out[0] = 1 - p[j], out[1] = p[j];
    }
}

void logistic_pairs(double const* z, std::int64_t n, double* out, bool past_caches) {
    auto const offset = static_cast<std::int64_t>(reinterpret_cast<unsigned long>(out) % 64);
    past_caches = past_caches && offset % 16 == 0;
    std::int64_t i = past_caches && offset ? (64 - offset) / 16 : 0;
    if (i > n) i = n;
    logistic_pairs_one_by_one(z, i, out);
    for (; i + lanes <= n; i += lanes) {
        Vector const p = Logistic{}(load_unaligned(z + i)), q = 1.0 - p;
        Vector const low = lower_in_turn(q, p), high = upper_in_turn(q, p);
        if (past_caches) {
            store_past_caches(out + 2 * i, low);
            store_past_caches(out + 2 * i + lanes, high);
        } else {
            store_unaligned(out + 2 * i, low);
            store_unaligned(out + 2 * i + lanes, high);
        }
    }
    logistic_pairs_one_by_one(z + i, n - i, out + 2 * i);
    if (past_caches) end_of_stores_past_caches();
}

#include "ml/kernels/cluster_kernels.inl"

#define PARTITA_DENSE_KERNELS                                                                 \
    {                                                                                         \
        pack, add_gram, multiply, multiply_many, add_rows, scale_rows, logistic, exponential, \
            score, logistic_pairs, nearest, squared_distances, add_by_number                  \
    }
