#include "ml/kernels/dense_kernels.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/random.hpp"

#include <cmath>
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

TEST(DenseKernels, PackCentresScalesAndPads) {
    std::vector<double> const x = {1, 2, 3, 4, 5, 6}, centre = {1, 1, 1}, scale = {2, 3, 4};
    Buffer<double> panel(16);
    dense_kernels().pack(x.data(), 2, 3, centre.data(), scale.data(), true, panel.data(), 8);
    std::vector<double> const expected = {0, 3, 8, 1, 0, 0, 0, 0, 6, 12, 20, 1, 0, 0, 0, 0};
    EXPECT_EQ(std::vector<double>(panel.begin(), panel.end()), expected);
}

TEST(DenseKernels, EqualTheirDefinitions) {
    DenseKernels const& kernels = dense_kernels();
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

TEST(DenseKernels, ExponentialIsWithinTwoUnitsInTheLastPlace) {
    std::vector<double> z = {0, -0.0, 1, -1, 700, -700, 709, 1e300, -1e300, -708.5, 1e-300};
    for (int i = 0; i < 4000; ++i) z.push_back((i - 2000) * 0.351);
    std::vector<double> out(z.size());
    dense_kernels().exponential(z.data(), static_cast<std::int64_t>(z.size()), out.data());
    for (std::size_t i = 0; i < z.size(); ++i) {
        double const expected = z[i] < -708 ? 0 : std::exp(std::min(z[i], 709.0));
        EXPECT_NEAR(out[i], expected, expected * 0x1p-51) << z[i];
    }
}

TEST(DenseKernels, LogisticHoldsAtTheEnds) {
    std::vector<double> const z = {-HUGE_VAL, -800, -36, 0, 36, 800, HUGE_VAL};
    std::vector<double> p(z.size());
    dense_kernels().logistic(z.data(), 7, p.data());
    for (std::size_t i = 0; i < z.size(); ++i)
        EXPECT_NEAR(p[i], 1 / (1 + std::exp(-z[i])), 1e-15) << z[i];
    EXPECT_EQ(p[3], 0.5);
}

}  // namespace
}  // namespace partita::ml
