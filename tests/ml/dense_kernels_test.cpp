#include "ml/kernels/dense_kernels.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/random.hpp"

#include <cmath>
#include <string>
#include <sys/mman.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace partita::ml {
namespace {

Buffer<double> random_numbers(std::int64_t n, std::uint64_t seed) {
    Buffer<double> numbers(n);
    RandomStream random(seed, 0);
    for (double& x : numbers) x = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
    return numbers;
}

using NamedKernels = std::pair<char const*, DenseKernels const*>;

/// The tables that this processor can run.
std::vector<NamedKernels> runnable_tables() {
    std::vector<NamedKernels> tables{{"scalar", &scalar_dense_kernels}};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        tables.emplace_back("avx2", &avx2_dense_kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        tables.emplace_back("avx512", &avx512_dense_kernels);
#endif
    return tables;
}

class DenseKernelsTest : public testing::TestWithParam<NamedKernels> {
  protected:
    DenseKernels const& kernels() const { return *GetParam().second; }
};

INSTANTIATE_TEST_SUITE_P(Tables, DenseKernelsTest, testing::ValuesIn(runnable_tables()),
                         [](auto const& info) { return std::string(info.param.first); });

TEST_P(DenseKernelsTest, PackCentresScalesAndPads) {
    std::vector<double> const x = {1, 2, 3, 4, 5, 6}, centre = {1, 1, 1}, scale = {2, 3, 4};
    Buffer<double> panel(16);
    kernels().pack(x.data(), 2, 3, centre.data(), scale.data(), true, panel.data(), 8);
    std::vector<double> const expected = {0, 3, 8, 1, 0, 0, 0, 0, 6, 12, 20, 1, 0, 0, 0, 0};
    EXPECT_EQ(std::vector<double>(panel.begin(), panel.end()), expected);
}

TEST_P(DenseKernelsTest, PackReadsNothingBehindTheLastRow) {
    // Numbers that end where a page ends; the next page must not be touched.
    constexpr std::size_t page = 4096;
    auto* const pages = static_cast<char*>(
        mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(static_cast<void*>(pages), MAP_FAILED);
    ASSERT_EQ(mprotect(pages + page, page, PROT_NONE), 0);
    for (std::int64_t const cols : {1, 7, 8, 9, 20}) {
        for (std::int64_t const rows : {1, 2, 9}) {
            double* const x = reinterpret_cast<double*>(pages + page) - rows * cols;
            for (std::int64_t i = 0; i < rows * cols; ++i) x[i] = static_cast<double>(i + 1);
            std::int64_t const width = (cols + 2 + lanes - 1) / lanes * lanes;
            Buffer<double> panel(rows * width);
            kernels().pack(x, rows, cols, nullptr, nullptr, true, panel.data(), width);
            for (std::int64_t i = 0; i < rows; ++i)
                for (std::int64_t j = 0; j < width; ++j)
                    EXPECT_EQ(panel[i * width + j],
                              j < cols ? static_cast<double>(i * cols + j + 1) : (j == cols));
        }
    }
    munmap(pages, 2 * page);
}

TEST_P(DenseKernelsTest, ScoreRowsAsTheyLie) {
    for (std::int64_t const cols : {1, 7, 8, 9, 20, 33}) {
        for (std::int64_t const rows : {1, 5, 8, 19}) {
            auto const x = random_numbers(rows * cols + 1, 3), w = random_numbers(cols, 4);
            std::vector<double> out(static_cast<std::size_t>(rows));
            double const* const unaligned = x.data() + 1;
            kernels().score(unaligned, rows, cols, w.data(), 0.5, out.data());
            for (std::int64_t i = 0; i < rows; ++i) {
                double dot = 0.5;
                for (std::int64_t j = 0; j < cols; ++j) dot += unaligned[i * cols + j] * w[j];
                EXPECT_NEAR(out[static_cast<std::size_t>(i)], dot, 1e-13);
            }
        }
    }
}

TEST_P(DenseKernelsTest, PairsHoldTheLogisticOfEachScore) {
    for (std::int64_t const n : {1, 8, 21, 64}) {
        for (std::int64_t const offset : {0, 1, 2, 6}) {
            auto const z = random_numbers(n, 5);
            Buffer<double> p(n), room(2 * n + 8);
            kernels().logistic(z.data(), n, p.data());
            for (bool const past_caches : {false, true}) {
                std::fill(room.begin(), room.end(), -1);
                double* const pairs = room.data() + offset;
                kernels().logistic_pairs(z.data(), n, pairs, past_caches);
                for (std::int64_t i = 0; i < n; ++i) {
                    EXPECT_EQ(pairs[2 * i + 1], p[i]);
                    EXPECT_EQ(pairs[2 * i], 1 - p[i]);
                }
                EXPECT_EQ(pairs[2 * n], -1);
            }
        }
    }
}

/// The definition: scores one by one, the first of the largest.
std::int64_t slow_nearest(double const* row, Buffer<double> const& centres, std::int64_t clusters,
                          std::int64_t features) {
    std::int64_t best = 0;
    double best_score = -HUGE_VAL;
    for (std::int64_t c = 0; c < clusters; ++c) {
        double const* const tile = centres.data() +
                                   c / centres_at_once * centres_at_once * (features + 1) +
                                   c % centres_at_once;
        double score = tile[features * centres_at_once];
        for (std::int64_t j = 0; j < features; ++j) score += row[j] * tile[j * centres_at_once];
        if (score > best_score) best = c, best_score = score;
    }
    return best;
}

TEST_P(DenseKernelsTest, NearestIsTheFirstOfTheLargestScores) {
    for (std::int64_t const features : {1, 6, 20}) {
        std::int64_t const width = (features + 2 + lanes - 1) / lanes * lanes;
        for (std::int64_t const clusters : {4, 8, 20}) {
            for (std::int64_t const rows : {1, 8, 15, 16, 37}) {
                auto const panel = random_numbers(rows * width, 6);
                auto centres = random_numbers(clusters * (features + 1), 7);
                // Centres 1 and 2 are equal: the smaller number is wanted.
                for (std::int64_t j = 0; j <= features; ++j)
                    centres[j * centres_at_once + 2] = centres[j * centres_at_once + 1];
                Buffer<double> memory(nearest_memory(width));
                std::vector<double> number(static_cast<std::size_t>(rows));
                kernels().nearest(panel.data(), rows, width, features, centres.data(), clusters,
                                  memory.data(), number.data(), panel.data());
                for (std::int64_t i = 0; i < rows; ++i)
                    EXPECT_EQ(static_cast<std::int64_t>(number[static_cast<std::size_t>(i)]),
                              slow_nearest(panel.data() + i * width, centres, clusters, features));
            }
        }
    }
}

TEST_P(DenseKernelsTest, SquaresAndSumsByNumber) {
    std::int64_t const width = 16, rows = 13, clusters = 3;
    auto const panel = random_numbers(rows * width, 8), centres = random_numbers(48, 9),
               weight = random_numbers(rows, 10);
    std::vector<double> number, square(13), sums(48, 0.5), expected(48, 0.5);
    for (std::int64_t i = 0; i < rows; ++i) number.push_back(static_cast<double>(i * i % clusters));
    kernels().squared_distances(panel.data(), rows, width, centres.data(), number.data(),
                                square.data());
    kernels().add_by_number(panel.data(), rows, width, weight.data(), number.data(), sums.data());
    for (std::int64_t i = 0; i < rows; ++i) {
        auto const c = static_cast<std::int64_t>(number[static_cast<std::size_t>(i)]);
        double distance = 0;
        for (std::int64_t j = 0; j < width; ++j) {
            double const difference = panel[i * width + j] - centres[c * width + j];
            distance += difference * difference;
            expected[static_cast<std::size_t>(c * width + j)] += weight[i] * panel[i * width + j];
        }
        EXPECT_NEAR(square[static_cast<std::size_t>(i)], distance, 1e-13);
    }
    for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_NEAR(sums[i], expected[i], 1e-13);
}

TEST_P(DenseKernelsTest, EqualTheirDefinitions) {
    DenseKernels const& kernels = this->kernels();
    for (std::int64_t const width : {8, 24, 40}) {
        for (std::int64_t const rows : {1, 3, 4, 8, 13, 64}) {
            auto const panel = random_numbers(rows * width, 1), w = random_numbers(width * 16, 2);
            Buffer<double> gram(width * width), out(rows * 16), sum(width);
            std::fill(gram.begin(), gram.end(), 0.5);
            std::fill(sum.begin(), sum.end(), 0.25);
            kernels.add_gram(panel.data(), rows, width, gram.data());
            kernels.add_rows(panel.data(), rows, width, w.data(), sum.data());
            for (std::int64_t a = 0; a < width; ++a) {
                double column = 0.25;
                for (std::int64_t i = 0; i < rows; ++i) column += w[i] * panel[i * width + a];
                EXPECT_NEAR(sum[a], column, 1e-12);
                for (std::int64_t b = a; b < width; ++b) {
                    double product = 0.5;
                    for (std::int64_t i = 0; i < rows; ++i)
                        product += panel[i * width + a] * panel[i * width + b];
                    EXPECT_NEAR(gram[a * width + b], product, 1e-12);
                }
            }
            kernels.multiply_many(panel.data(), rows, width, w.data(), 16, out.data());
            for (std::int64_t i = 0; i < rows; ++i) {
                for (std::int64_t c = 0; c < 16; ++c) {
                    double dot = 0;
                    for (std::int64_t j = 0; j < width; ++j)
                        dot += panel[i * width + j] * w[j * 16 + c];
                    EXPECT_NEAR(out[i * 16 + c], dot, 1e-12);
                }
            }
            kernels.multiply(panel.data(), rows, width, w.data(), out.data());
            for (std::int64_t i = 0; i < rows; ++i) {
                double dot = 0;
                for (std::int64_t j = 0; j < width; ++j) dot += panel[i * width + j] * w[j];
                EXPECT_NEAR(out[i], dot, 1e-12);
            }
        }
    }
}

TEST_P(DenseKernelsTest, ExponentialIsWithinTwoUnitsInTheLastPlace) {
    std::vector<double> z = {0, -0.0, 1, -1, 700, -700, 709, 1e300, -1e300, -708.5, 1e-300};
    for (int i = 0; i < 4000; ++i) z.push_back((i - 2000) * 0.351);
    std::vector<double> out(z.size());
    kernels().exponential(z.data(), static_cast<std::int64_t>(z.size()), out.data());
    for (std::size_t i = 0; i < z.size(); ++i) {
        double const expected = z[i] < -708 ? 0 : std::exp(std::min(z[i], 709.0));
        EXPECT_NEAR(out[i], expected, expected * 0x1p-51) << z[i];
    }
}

TEST_P(DenseKernelsTest, LogisticHoldsAtTheEnds) {
    std::vector<double> const z = {-HUGE_VAL, -800, -36, 0, 36, 800, HUGE_VAL};
    std::vector<double> p(z.size());
    kernels().logistic(z.data(), 7, p.data());
    for (std::size_t i = 0; i < z.size(); ++i)
        EXPECT_NEAR(p[i], 1 / (1 + std::exp(-z[i])), 1e-15) << z[i];
    EXPECT_EQ(p[3], 0.5);
}

}  // namespace
}  // namespace partita::ml
