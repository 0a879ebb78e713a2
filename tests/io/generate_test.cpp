#include "partita/io/generate.hpp"

#include "io/normal_numbers.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::io {
namespace {

GenerateOptions options_of(DataKind kind, std::int64_t rows, std::int64_t dim) {
    GenerateOptions options;
    options.kind = kind;
    options.rows = rows;
    options.dim = dim;
    options.seed = 5;
    return options;
}

std::vector<float> rows_of(VectorGenerator const& generator, std::int64_t first,
                           std::int64_t last) {
    std::vector<float> values(static_cast<std::size_t>((last - first) * generator.options().dim));
    generator.fill(first, last, values.data());
    return values;
}

double distance(float const* a, float const* b, std::int64_t dim) {
    double sum = 0;
    for (std::int64_t j = 0; j < dim; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return std::sqrt(sum);
}

TEST(NormalNumbers, FollowTheNormalDistribution) {
    constexpr int count = 200001;
    std::vector<float> values(count);
    RandomStream stream(1);
    fill_normal(stream, values.data(), count);
    std::sort(values.begin(), values.end());
    double largest_gap = 0;  // Kolmogorov's statistic
    for (int i = 0; i < count; ++i) {
        double const expected = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
        largest_gap = std::max(largest_gap, std::abs(expected - (i + 0.5) / count));
    }
    EXPECT_LT(largest_gap, 1.63 / std::sqrt(count));  // exceeded once in a hundred seeds
    EXPECT_GT(values.back(), 4);
    EXPECT_LT(values.front(), -4);
}

TEST(NormalNumbers, AnOddCountLeavesTheStreamWhereTheNextEvenOneDoes) {
    RandomStream odd(3), even(3);
    std::vector<float> a(7), b(8);
    fill_normal(odd, a.data(), 7);
    fill_normal(even, b.data(), 8);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
    EXPECT_EQ(odd(), even());
}

class Kinds : public testing::TestWithParam<DataKind> {};
INSTANTIATE_TEST_SUITE_P(All, Kinds,
                         testing::Values(DataKind::clustered, DataKind::uniform, DataKind::hard));

TEST_P(Kinds, ARowDoesNotDependOnItsBlock) {
    VectorGenerator const generator(options_of(GetParam(), 50, 7));
    auto const whole = rows_of(generator, 0, 50);
    for (std::int64_t row : {0, 13, 49}) {
        auto const alone = rows_of(generator, row, row + 1);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(), whole.begin() + row * 7)) << row;
    }
}

TEST_P(Kinds, ASeedChangesAllRows) {
    GenerateOptions options = options_of(GetParam(), 20, 3);
    auto const first = rows_of(VectorGenerator(options), 0, 20);
    ++options.seed;
    auto const second = rows_of(VectorGenerator(options), 0, 20);
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_NE(first[i], second[i]) << i;
}

TEST_P(Kinds, WholeNumbersUseTheirRange) {
    VectorGenerator const generator(options_of(GetParam(), 500, 16));
    std::vector<float> values(500 * 16);
    generator.fill_whole(0, 500, values.data());
    for (float const value : values) {
        EXPECT_EQ(value, std::floor(value));
        EXPECT_THAT(value, testing::AllOf(testing::Ge(0), testing::Le(255)));
    }
    auto const [least, most] = std::minmax_element(values.begin(), values.end());
    EXPECT_GT(*most - *least, 180);
}

TEST(Generator, ClustersKeepApart) {
    constexpr std::int64_t rows = 300, dim = 32;
    GenerateOptions options = options_of(DataKind::clustered, rows, dim);
    options.clusters = 5;
    auto const values = rows_of(VectorGenerator(options), 0, rows);
    std::vector<double> from_first;
    for (std::int64_t i = 1; i < rows; ++i)
        from_first.push_back(distance(values.data(), values.data() + i * dim, dim));
    // Within a cluster about 0.2 sqrt(2 dim) = 1.6, between two at least 3 times that.
    auto const near =
        std::count_if(from_first.begin(), from_first.end(), [](double d) { return d < 2.5; });
    auto const between = std::count_if(from_first.begin(), from_first.end(),
                                       [](double d) { return d >= 2.5 && d < 4; });
    EXPECT_THAT(near, testing::AllOf(testing::Gt(rows / 10), testing::Lt(rows / 3)));
    EXPECT_EQ(between, 0);
}

/// The share of a set's variance that its first `axes` principal axes hold, by power iteration
/// with deflation on the covariance matrix.
double variance_share(std::vector<float> const& values, std::int64_t dim, int axes) {
    std::int64_t const rows = static_cast<std::int64_t>(values.size()) / dim;
    std::vector<double> mean(dim), covariance(dim * dim);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < dim; ++j) mean[j] += values[i * dim + j] / double(rows);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t a = 0; a < dim; ++a)
            for (std::int64_t b = 0; b < dim; ++b)
                covariance[a * dim + b] +=
                    (values[i * dim + a] - mean[a]) * (values[i * dim + b] - mean[b]);
    double total = 0, held = 0;
    for (std::int64_t j = 0; j < dim; ++j) total += covariance[j * dim + j];
    for (int axis = 0; axis < axes; ++axis) {
        std::vector<double> v(dim, 1.0), next(dim);
        double length = 0;
        for (int step = 0; step < 200; ++step) {
            for (std::int64_t a = 0; a < dim; ++a) {
                next[a] = 0;
                for (std::int64_t b = 0; b < dim; ++b) next[a] += covariance[a * dim + b] * v[b];
            }
            length = 0;
            for (double x : next) length += x * x;
            length = std::sqrt(length);
            for (std::int64_t j = 0; j < dim; ++j) v[j] = next[j] / length;
        }
        held += length;
        for (std::int64_t a = 0; a < dim; ++a)
            for (std::int64_t b = 0; b < dim; ++b) covariance[a * dim + b] -= length * v[a] * v[b];
    }
    return held / total;
}

TEST(Generator, AHardClusterLiesNearASubspace) {
    GenerateOptions options = options_of(DataKind::hard, 400, 24);
    options.clusters = 1;
    options.intrinsic_dim = 3;
    auto const values = rows_of(VectorGenerator(options), 0, options.rows);
    EXPECT_GT(variance_share(values, 24, 3), 0.95);
    EXPECT_LT(variance_share(values, 24, 2), 0.95);
}

TEST(Generator, RejectsWhatMakesNoSense) {
    auto const with = [](auto change) {
        GenerateOptions options = options_of(DataKind::hard, 10, 4);
        change(options);
        try {
            VectorGenerator const generator(options);
            return std::string("accepted");
        } catch (Error const& error) {
            return std::string(error.what());
        }
    };
    EXPECT_EQ(with([](auto& o) { o.rows = 0; }), "rows: expected at least 1, got 0");
    EXPECT_EQ(with([](auto& o) { o.dim = -1; }), "dimension: expected at least 1, got -1");
    EXPECT_EQ(with([](auto& o) { o.clusters = 0; }), "clusters: expected at least 1, got 0");
    EXPECT_EQ(with([](auto& o) { o.intrinsic_dim = 5; }),
              "intrinsic dimension: expected 0 to 4 (the dimension), got 5");
    EXPECT_EQ(with([](auto& o) { o.noise = NAN; }), "noise: expected a finite number, got nan");
    EXPECT_THROW(parse_data_kind("hrad"), Error);
}

}  // namespace
}  // namespace partita::io
