#include "knn/faiss_kernels.hpp"

#include "knn/faiss_kernels/vector_functions.hpp"
#include "support/knn_oracle.hpp"

#include "partita/core/cpu.hpp"

#include <atomic>
#include <cmath>
#include <vector>

#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexPQ.h>
#include <faiss/impl/FaissException.h>
#include <faiss/utils/distances.h>
#include <faiss/utils/utils.h>
#include <gtest/gtest.h>

namespace partita::knn {
namespace {

using test::normal_vectors;
using test::oracle_distance;

std::vector<VectorFunctions const*> runnable_tables() {
    std::vector<VectorFunctions const*> tables{&scalar_vector_functions};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        tables.push_back(&avx2_vector_functions);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        tables.push_back(&avx512_vector_functions);
#endif
    return tables;
}

/// Puts a table in place for the time of a test.
class ScopedTable {
  public:
    explicit ScopedTable(VectorFunctions const& table) : before_(active_vector_functions) {
        active_vector_functions = &table;
    }
    ~ScopedTable() { active_vector_functions = before_; }
    ScopedTable(ScopedTable const&) = delete;
    ScopedTable& operator=(ScopedTable const&) = delete;

  private:
    VectorFunctions const* before_;
};

double squared(float const* x, float const* y, std::size_t d) {
    auto const root = oracle_distance(Metric::l2, x, y, static_cast<std::int64_t>(d));
    return static_cast<double>(root * root);
}
double product(float const* x, float const* y, std::size_t d) {
    return -static_cast<double>(
        oracle_distance(Metric::inner_product, x, y, static_cast<std::int64_t>(d)));
}

TEST(FaissKernels, TheTableFollowsTheCpuLevel) {
    EXPECT_TRUE(faiss_kernels_active());
    EXPECT_EQ(active_vector_functions, runnable_tables()[static_cast<std::size_t>(cpu_level())]);
}

TEST(FaissKernels, PairsOfAnyDimension) {
    auto const x = normal_vectors(1, 300, 1), y = normal_vectors(1, 300, 2);
    for (auto const* table : runnable_tables()) {
        ScopedTable const scope(*table);
        for (std::size_t d = 0; d <= 300; ++d) {
            double const tolerance = 1e-5 * (1 + std::sqrt(static_cast<double>(d)));
            double l1 = 0, linf = 0;
            for (std::size_t i = 0; i < d; ++i) {
                double const difference = std::abs(static_cast<double>(x[i]) - y[i]);
                l1 += difference;
                linf = std::max(linf, difference);
            }
            float const *const a = x.data(), *const b = y.data();
            ASSERT_NEAR(faiss::fvec_L2sqr(a, b, d), squared(a, b, d), 5 * tolerance) << d;
            ASSERT_NEAR(faiss::fvec_inner_product(a, b, d), product(a, b, d), tolerance) << d;
            ASSERT_NEAR(faiss::fvec_norm_L2sqr(a, d), product(a, a, d), 5 * tolerance) << d;
            ASSERT_NEAR(faiss::fvec_L1(a, b, d), l1, 5 * tolerance) << d;
            ASSERT_NEAR(faiss::fvec_Linf(a, b, d), linf, 1e-6) << d;
        }
    }
}

TEST(FaissKernels, OneToMany) {
    for (auto const* table : runnable_tables()) {
        ScopedTable const scope(*table);
        for (std::size_t const d : {1u, 2u, 4u, 8u, 12u, 33u}) {
            for (std::size_t const ny : {0u, 1u, 7u, 16u, 40u}) {
                auto const x = normal_vectors(1, 64, 3), y = normal_vectors(40, 64, 4);
                std::vector<float> l2(ny), ip(ny), transposed_l2(ny), squares(ny);
                std::vector<float> transposed(d * 50);
                for (std::size_t i = 0; i < ny; ++i) {
                    squares[i] = static_cast<float>(product(&y[i * d], &y[i * d], d));
                    for (std::size_t j = 0; j < d; ++j) transposed[j * 50 + i] = y[i * d + j];
                }
                faiss::fvec_L2sqr_ny(l2.data(), x.data(), y.data(), d, ny);
                faiss::fvec_inner_products_ny(ip.data(), x.data(), y.data(), d, ny);
                std::size_t const nearest = faiss::fvec_L2sqr_ny_nearest_y_transposed(
                    transposed_l2.data(), x.data(), transposed.data(), squares.data(), d, 50, ny);
                std::size_t expected = 0;
                for (std::size_t i = 0; i < ny; ++i) {
                    double const distance = squared(x.data(), &y[i * d], d);
                    ASSERT_NEAR(l2[i], distance, 1e-4);
                    ASSERT_NEAR(transposed_l2[i], distance, 1e-4);
                    ASSERT_NEAR(ip[i], product(x.data(), &y[i * d], d), 1e-4);
                    if (distance < squared(x.data(), &y[expected * d], d)) expected = i;
                }
                ASSERT_EQ(nearest, expected);
                ASSERT_EQ(faiss::fvec_L2sqr_ny_nearest(l2.data(), x.data(), y.data(), d, ny),
                          expected);
            }
        }
    }
}

TEST(VectorFunctions, ScoresOfListedNodes) {
    auto const x = normal_vectors(1, 700, 3), base = normal_vectors(20, 700, 4);
    std::vector<std::int32_t> const nodes = {19, 0, 3, 3, 7, 12, 1, 18, 5, 6, 11};
    for (auto const* table : runnable_tables())
        for (std::size_t const d : {1u, 5u, 16u, 100u, 128u, 700u})
            for (std::size_t n = 0; n <= nodes.size(); ++n) {
                std::vector<float> l2(nodes.size(), -7), ip(nodes.size(), -7);
                table->squared_l2_at(l2.data(), x.data(), base.data(), nodes.data(), n, d);
                table->minus_inner_product_at(ip.data(), x.data(), base.data(), nodes.data(), n, d);
                for (std::size_t i = 0; i < n; ++i) {
                    float const* y = base.data() + static_cast<std::size_t>(nodes[i]) * d;
                    ASSERT_NEAR(l2[i], squared(x.data(), y, d), 1e-5 * static_cast<double>(d + 10));
                    ASSERT_NEAR(ip[i], -product(x.data(), y, d), 1e-4);
                }
                for (std::size_t i = n; i < nodes.size(); ++i)
                    ASSERT_TRUE(l2[i] == -7 && ip[i] == -7);
            }
}

TEST(FaissKernels, SumsAndScaledSums) {
    auto const a = normal_vectors(1, 37, 5), b = normal_vectors(1, 37, 6);
    std::vector<float> c(37);
    for (auto const* table : runnable_tables()) {
        ScopedTable const scope(*table);
        faiss::fvec_add(37, a.data(), b.data(), c.data());
        for (std::size_t i = 0; i < 37; ++i) ASSERT_EQ(c[i], a[i] + b[i]);
        faiss::fvec_add(37, a.data(), 2.5f, c.data());
        for (std::size_t i = 0; i < 37; ++i) ASSERT_EQ(c[i], a[i] + 2.5f);
        faiss::fvec_sub(37, a.data(), b.data(), c.data());
        for (std::size_t i = 0; i < 37; ++i) ASSERT_EQ(c[i], a[i] - b[i]);
        int const least = faiss::fvec_madd_and_argmin(37, a.data(), 3, b.data(), c.data());
        for (std::size_t i = 0; i < 37; ++i) {
            ASSERT_NEAR(c[i], a[i] + 3 * b[i], 1e-5);
            ASSERT_LE(c[static_cast<std::size_t>(least)], c[i]);
        }
    }
    EXPECT_EQ(faiss::fvec_madd_and_argmin(0, nullptr, 3, nullptr, nullptr), -1);
}

TEST(FaissKernels, TablesOfPairs) {
    auto const centroids = normal_vectors(3 * 16, 2, 7), x = normal_vectors(5, 6, 8);
    for (auto const* table : runnable_tables()) {
        ScopedTable const scope(*table);
        for (bool const inner_product : {false, true}) {
            std::vector<float> tables(5 * 3 * 16);
            faiss::compute_PQ_dis_tables_dsub2(6, 16, centroids.data(), 5, x.data(), inner_product,
                                               tables.data());
            for (std::size_t i = 0; i < 5; ++i)
                for (std::size_t m = 0; m < 3; ++m)
                    for (std::size_t k = 0; k < 16; ++k) {
                        float const *const a = &x[i * 6 + 2 * m], *const b =
                                                                      &centroids[(m * 16 + k) * 2];
                        ASSERT_NEAR(tables[(i * 3 + m) * 16 + k],
                                    inner_product ? product(a, b, 2) : squared(a, b, 2), 1e-5);
                    }
        }
    }
    float out[16];
    EXPECT_THROW(
        faiss::compute_PQ_dis_tables_dsub2(2, 12, centroids.data(), 1, x.data(), false, out),
        faiss::FaissException);
}

std::atomic<int> calls;

float counting_squared_l2(float const* x, float const* y, std::size_t d) {
    ++calls;
    return scalar_vector_functions.squared_l2(x, y, d);
}

TEST(FaissKernels, FaissIndexesCallThem) {
    auto const base = normal_vectors(500, 20, 9);
    VectorFunctions counting = scalar_vector_functions;
    counting.squared_l2 = counting_squared_l2;
    ScopedTable const scope(counting);
    std::vector<float> distances(5);
    std::vector<std::int64_t> found(5);

    faiss::IndexHNSWFlat hnsw(20, 8);
    calls = 0;
    hnsw.add(500, base.data());
    EXPECT_GT(calls, 500);
    calls = 0;
    hnsw.search(1, base.data(), 5, distances.data(), found.data());
    EXPECT_GT(calls, 5);
    EXPECT_EQ(found[0], 0);

    faiss::IndexFlatL2 coarse(20);
    faiss::IndexIVFFlat ivf(&coarse, 20, 4);
    ivf.train(500, base.data());
    ivf.add(500, base.data());
    ivf.nprobe = 4;
    calls = 0;
    ivf.search(1, base.data(), 5, distances.data(), found.data());
    EXPECT_GE(calls, 500);
    EXPECT_EQ(found[0], 0);
}

TEST(FaissKernels, SearchesFindTheSameWithAnyTable) {
    auto const base = normal_vectors(800, 30, 10);
    faiss::IndexHNSWFlat index(30, 16);
    index.add(800, base.data());
    std::vector<std::vector<std::int64_t>> found;
    std::vector<std::vector<float>> distances;
    for (auto const* table : runnable_tables()) {
        ScopedTable const scope(*table);
        found.emplace_back(800 * 5);
        distances.emplace_back(800 * 5);
        index.search(800, base.data(), 5, distances.back().data(), found.back().data());
        EXPECT_EQ(found.back(), found.front());  // no near ties among these
        for (std::size_t i = 0; i < distances.back().size(); ++i)
            ASSERT_NEAR(distances.back()[i], distances.front()[i], 1e-4);
    }
}

}  // namespace
}  // namespace partita::knn
