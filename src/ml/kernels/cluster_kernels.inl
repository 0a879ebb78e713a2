// Of DenseKernels, what clusters need.

/// Scores of 8 x Groups rows and Centres centres; the best one so far, and whose it is, are kept.
template <int Groups, int Centres>
inline void nearest_tile(double const* columns, std::int64_t features, double const* centres,
                         Vector first_number, Vector* best, Vector* number) {
    Vector sums[Groups][Centres];
#pragma GCC unroll 2
    for (int g = 0; g < Groups; ++g)
#pragma GCC unroll 8
        for (int c = 0; c < Centres; ++c) sums[g][c] = filled_with(centres[features * Centres + c]);
    for (std::int64_t j = 0; j < features; ++j) {
#pragma GCC unroll 2
        for (int g = 0; g < Groups; ++g) {
            Vector const x = load(columns + (j * Groups + g) * lanes);
#pragma GCC unroll 8
            for (int c = 0; c < Centres; ++c) sums[g][c] += x * centres[j * Centres + c];
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < Centres; ++c, first_number = first_number + 1.0) {
#pragma GCC unroll 2
        for (int g = 0; g < Groups; ++g) {
            Integers const better = sums[g][c] > best[g];
            number[g] = select(better, first_number, number[g]);
            best[g] = select(better, sums[g][c], best[g]);
        }
    }
}

/// `columns` = the rows' features, 8 x Groups rows at a time; missing rows are 0.
template <int Groups>
inline void columns_of(double const* panel, std::int64_t rows, std::int64_t width,
                       double* columns) {
    for (int g = 0; g < Groups; ++g) {
        for (std::int64_t j = 0; j < width; j += lanes) {
            Vector row[8];
#pragma GCC unroll 8
            for (int r = 0; r < 8; ++r) {
                std::int64_t const i = g * lanes + r;
                row[r] = i < rows ? load(panel + i * width + j) : Vector{};
            }
            transpose_tile(row, columns + (j * Groups + g) * lanes, Groups * lanes);
        }
    }
}

constexpr int nearest_groups = tile_rows / 4;

void nearest(double const* panel, std::int64_t rows, std::int64_t width, std::int64_t features,
             double const* centres, std::int64_t clusters, double* memory, double* number,
             double const* ahead) {
    constexpr std::int64_t at_once = nearest_groups * lanes;
    for (std::int64_t i = 0; i < rows; i += at_once) {
        for (std::int64_t j = 0; j < at_once * features; j += lanes)
            __builtin_prefetch(ahead + i * features + j, 0, 2);
        columns_of<nearest_groups>(panel + i * width, rows - i, width, memory);
        Vector best[nearest_groups], found[nearest_groups];
        for (int g = 0; g < nearest_groups; ++g) best[g] = filled_with(-1e308), found[g] = Vector{};
        double const* tile = centres;
        for (std::int64_t c = 0; c < clusters; c += centres_at_once) {
            nearest_tile<nearest_groups, centres_at_once>(
                memory, features, tile, filled_with(static_cast<double>(c)), best, found);
            tile += (features + 1) * centres_at_once;
        }
        for (int g = 0; g < nearest_groups; ++g) {
            double numbers[lanes];
            store_unaligned(numbers, found[g]);
            for (std::int64_t r = 0; r < lanes && i + g * lanes + r < rows; ++r)
                number[i + g * lanes + r] = numbers[r];
        }
    }
}

inline Vector squared_distance(double const* x, std::int64_t width, double const* centres,
                               double number) {
    double const* const centre = centres + static_cast<std::int64_t>(number) * width;
    Vector sum = {};
    for (std::int64_t j = 0; j < width; j += lanes) {
        Vector const difference = load(x + j) - load(centre + j);
        sum += difference * difference;
    }
    return sum;
}

void squared_distances(double const* panel, std::int64_t rows, std::int64_t width,
                       double const* centres, double const* number, double* square) {
    std::int64_t i = 0;
    for (; i + 8 <= rows; i += 8) {
        Vector sums[8];
#pragma GCC unroll 8
        for (int r = 0; r < 8; ++r)
            sums[r] = squared_distance(panel + (i + r) * width, width, centres, number[i + r]);
        store_unaligned(square + i, sums_of(sums));
    }
    for (; i < rows; ++i)
        square[i] = sum_of(squared_distance(panel + i * width, width, centres, number[i]));
}

void add_by_number(double const* panel, std::int64_t rows, std::int64_t width, double const* weight,
                   double const* number, double* sums) {
    for (std::int64_t i = 0; i < rows; ++i) {
        double* const sum = sums + static_cast<std::int64_t>(number[i]) * width;
        double const factor = weight ? weight[i] : 1;
        for (std::int64_t j = 0; j < width; j += lanes)
            store_unaligned(sum + j,
                            load_unaligned(sum + j) + factor * load(panel + i * width + j));
    }
}
