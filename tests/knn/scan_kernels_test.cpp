#include "knn/kernels/scan_kernels.hpp"

#include "support/knn_oracle.hpp"

#include "partita/core/cpu.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

/// The tables that this processor can run.
std::vector<ScanKernels const*> runnable_tables() {
    std::vector<ScanKernels const*> tables{&scalar_kernels};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        tables.push_back(&avx2_kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        tables.push_back(&avx512_kernels);
#endif
    return tables;
}

TEST(ScanKernels, PairFunctionsGiveEqualBitsOnAllProcessors) {
    for (std::int64_t const dim : {0, 1, 7, 8, 15, 16, 17, 31, 100, 784}) {
        auto const x = test::normal_vectors(1, dim + 1, 1), y = test::normal_vectors(1, dim + 1, 2);
        for (auto const* table : runnable_tables()) {
            double const squared = table->squared_l2(x.data(), y.data(), dim);
            double const product = table->inner_product(x.data(), y.data(), dim);
            EXPECT_EQ(squared, scalar_kernels.squared_l2(x.data(), y.data(), dim)) << dim;
            EXPECT_EQ(product, scalar_kernels.inner_product(x.data(), y.data(), dim)) << dim;
            auto const root = test::oracle_distance(Metric::l2, x.data(), y.data(), dim);
            EXPECT_NEAR(squared, static_cast<double>(root * root), 1e-12 * squared) << dim;
            EXPECT_NEAR(product,
                        static_cast<double>(
                            -test::oracle_distance(Metric::inner_product, x.data(), y.data(), dim)),
                        1e-12)
                << dim;
        }
    }
}

TEST(ScanKernels, RoughDistancesAreWithinTheirBound) {
    for (std::int64_t const dim : {0, 1, 7, 15, 16, 17, 31, 32, 33, 48, 100, 784, 5000}) {
        auto const x = test::normal_vectors(1, dim + 1, 3), y = test::normal_vectors(1, dim + 1, 4);
        for (auto const* table : runnable_tables()) {
            double const exact = table->squared_l2(x.data() + 1, y.data(), dim);
            EXPECT_NEAR(table->rough_squared_l2(x.data() + 1, y.data(), dim), exact,
                        exact * static_cast<double>(dim + 3) * 0x1p-24)
                << dim;
            EXPECT_EQ(table->rough_squared_l2(x.data(), x.data(), dim), 0) << dim;
        }
    }
}

TEST(ScanKernels, KthLargestIsWhatSortingGives) {
    for (auto const* table : runnable_tables()) {
        for (std::int64_t const count : {1, 2, 15, 16, 17, 48, 200}) {
            // Normal numbers, then few different ones, then with infinities among them.
            for (int const kind : {0, 1, 2}) {
                auto values = kind == 0 ? test::normal_vectors(1, count, 5)
                                        : test::integer_vectors(1, count, 6);
                if (kind == 2) values[0] = -INFINITY;
                if (kind == 2) values[static_cast<std::size_t>(count) / 2] = INFINITY;
                auto sorted = values;
                std::sort(sorted.begin(), sorted.end(), std::greater<>());
                for (std::int64_t k = 1; k <= count; k += 1 + k / 4) {
                    auto copy = values;
                    copy.resize(static_cast<std::size_t>(count + 15));
                    EXPECT_EQ(table->kth_largest(copy.data(), count, k),
                              sorted[static_cast<std::size_t>(k) - 1])
                        << count << ' ' << k << ' ' << kind;
                }
            }
        }
    }
}

TEST(ScanKernels, PanelsHoldTheTransposedCentredRows) {
    for (auto const* table : runnable_tables()) {
        for (std::int64_t const dim : {1, 7, 8, 16, 19, 40}) {
            for (std::int64_t const rows : {1, 8, 16, 33, 64}) {
                auto const base = test::normal_vectors(rows, dim, 3);
                auto const centre = test::normal_vectors(1, dim, 4);
                Buffer<float> panel(dim * panel_columns);
                float squares[panel_columns];
                table->pack_panel(base.data(), rows, dim, centre.data(), panel.data(), squares);
                for (std::int64_t j = 0; j < panel_columns; ++j) {
                    double square = 0;
                    for (std::int64_t p = 0; p < dim; ++p) {
                        auto const at = static_cast<std::size_t>(j * dim + p);
                        float const expected =
                            j < rows ? base[at] - centre[static_cast<std::size_t>(p)] : 0;
                        ASSERT_EQ(panel[p * panel_columns + j], expected);
                        square += static_cast<double>(expected) * static_cast<double>(expected);
                    }
                    ASSERT_NEAR(squares[j], square, 1e-5 * square);
                }
            }
        }
    }
}

TEST(ScanKernels, TilesScoreAndCompare) {
    std::int64_t const dim = 21;
    auto const base = test::integer_vectors(64, dim, 5, 10),
               x = test::integer_vectors(6, dim, 6, 10);
    Buffer<float> panel(dim * panel_columns);
    float bias[panel_columns];
    for (auto const* table : runnable_tables()) {
        table->pack_panel(base.data(), 64, dim, nullptr, panel.data(), bias);
        for (int queries = 1; queries <= tile_queries; ++queries) {
            for (int vectors = 1; vectors <= panel_vectors; ++vectors) {
                float const* pointers[tile_queries];
                float thresholds[tile_queries];
                for (int q = 0; q < queries; ++q) {
                    pointers[q] = x.data() + q * dim;
                    thresholds[q] = 1000;
                }
                thresholds[queries - 1] = 1e9f;
                TileResult result;
                bool const any = table->score_tile[vectors - 1][queries - 1](
                    pointers, dim, panel.data(), bias, thresholds, result);
                ASSERT_EQ(any, queries > 1);
                if (!any) continue;
                ASSERT_EQ(result.passed[queries - 1], 0u);
                for (int q = 0; q < queries; ++q) {
                    for (int j = 0; j < vectors * vector_columns; ++j) {
                        float score = bias[j];  // integers: exact in any order
                        for (std::int64_t p = 0; p < dim; ++p)
                            score += pointers[q][p] * panel[p * panel_columns + j];
                        ASSERT_EQ(result.scores[q][j], score);
                        ASSERT_EQ((result.passed[q] >> j & 1) != 0, score >= thresholds[q]);
                    }
                }
            }
        }
    }
}

TEST(ScanKernels, PairsAreComparedBothWays) {
    std::int64_t const dim = 21;
    auto const base = test::integer_vectors(64, dim, 5, 10),
               x = test::integer_vectors(6, dim, 6, 10);
    float const nothing = std::numeric_limits<float>::quiet_NaN();
    Buffer<float> panel(dim * panel_columns);
    float bias[panel_columns], columns[panel_columns];
    for (auto const* table : runnable_tables()) {
        table->pack_panel(base.data(), 64, dim, nullptr, panel.data(), bias);
        float const* pointers[tile_queries];
        PairThresholds thresholds;
        thresholds.columns = columns;
        for (int q = 0; q < tile_queries; ++q) {
            pointers[q] = x.data() + q * dim;
            thresholds.queries[q] = q == 2 ? nothing : 1000;
            thresholds.shifts[q] = q == 3 ? nothing : static_cast<float>(-10 * q);
        }
        for (int j = 0; j < panel_columns; ++j)
            columns[j] = j % 5 == 0 ? nothing : static_cast<float>(900 + 3 * j);
        PairResult result;
        ASSERT_TRUE(table->score_pairs(pointers, dim, panel.data(), bias, thresholds, result));
        for (int q = 0; q < tile_queries; ++q) {
            for (int j = 0; j < panel_columns; ++j) {
                float score = bias[j];  // integers: exact in any order
                for (std::int64_t p = 0; p < dim; ++p)
                    score += pointers[q][p] * panel[p * panel_columns + j];
                ASSERT_EQ(result.scores[q][j], score);
                ASSERT_EQ((result.passed[q] >> j & 1) != 0, score >= thresholds.queries[q]);
                ASSERT_EQ((result.reached[q] >> j & 1) != 0,
                          score + thresholds.shifts[q] >= columns[j]);
            }
        }
        std::fill_n(thresholds.queries, tile_queries, 1e9f);
        for (int last : {63, 0}) {  // nothing but one column's
            std::fill_n(columns, panel_columns, 1e9f);
            EXPECT_FALSE(table->score_pairs(pointers, dim, panel.data(), bias, thresholds, result));
            columns[last] = 0;
            EXPECT_TRUE(table->score_pairs(pointers, dim, panel.data(), bias, thresholds, result));
            EXPECT_EQ(result.reached[0], std::uint64_t{1} << last);
        }
    }
}

TEST(ScanKernels, TheTableFollowsTheCpuLevel) {
    auto const tables = runnable_tables();
    EXPECT_EQ(&scan_kernels(), tables[static_cast<std::size_t>(cpu_level())]);
}

TEST(Distance, OfVectorsAndThemselvesIsZero) {
    auto x = test::normal_vectors(1, 50, 8);
    EXPECT_EQ(rank_distance(Metric::l2, x.data(), x.data(), 50), 0);
    EXPECT_EQ(normalise_rows({x.data(), 1, 50}), 0);
    EXPECT_EQ(rank_distance(Metric::cosine, x.data(), x.data(), 50), 0);
    EXPECT_NEAR(rank_distance(Metric::inner_product, x.data(), x.data(), 50), -1, 1e-6);
    EXPECT_EQ(reported_distance(Metric::l2, 9), 3);
    EXPECT_EQ(reported_distance(Metric::cosine, 0.5), 0.5f);
}

TEST(Distance, ZeroVectorsHaveNoAngle) {
    std::vector<float> rows{0, 0, 0, 0, 3, 4};
    EXPECT_EQ(normalise_rows({rows.data(), 3, 2}), 2);
    EXPECT_EQ(rows, (std::vector<float>{0, 0, 0, 0, 0.6f, 0.8f}));
    EXPECT_EQ(rank_distance(Metric::cosine, &rows[0], &rows[2], 2), 1);
    EXPECT_EQ(rank_distance(Metric::cosine, &rows[0], &rows[4], 2), 1);
    EXPECT_EQ(rank_distance(Metric::cosine, &rows[4], &rows[0], 2), 1);
}

TEST(Distance, NormalisesHugeAndTinyRows) {
    std::vector<float> rows{3e38f, 3e38f, 1e-44f, 0};
    EXPECT_EQ(normalise_rows({rows.data(), 2, 2}), 0);
    EXPECT_FLOAT_EQ(rows[0], std::sqrt(0.5f));
    EXPECT_EQ(rows[2], 1);
}

}  // namespace
}  // namespace partita::knn
