#include "partita/knn/exact_search.hpp"

#include "knn/neighbors_match.hpp"
#include "support/error_message.hpp"
#include "support/knn_oracle.hpp"

#include "partita/knn/distance.hpp"

#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

using test::expect_identical_neighbors;
using test::expect_same_neighbors;
using test::integer_vectors;
using test::normal_vectors;
using test::oracle_neighbors;

constexpr Metric all_metrics[] = {Metric::l2, Metric::cosine, Metric::inner_product};

MatrixView view(std::vector<float> const& values, std::int64_t dim) {
    return {values.data(), std::ssize(values) / dim, dim};
}

void prepare(Metric metric, std::vector<float>& values, std::int64_t dim) {
    if (metric == Metric::cosine) normalise_rows({values.data(), std::ssize(values) / dim, dim});
}

/// The oracle's distance from the arithmetic under test, where that decides about ties.
long double root_of_rank(Metric metric, float const* x, float const* y, std::int64_t dim) {
    long double const rank = rank_distance(metric, x, y, dim);
    return metric == Metric::l2 ? std::sqrt(rank) : rank;
}

void expect_exact(std::vector<float> base, std::vector<float> queries, std::int64_t dim,
                  std::int64_t k, Metric metric) {
    prepare(metric, base, dim);
    prepare(metric, queries, dim);
    expect_same_neighbors(exact_search(view(base, dim), view(queries, dim), k, metric),
                          oracle_neighbors(view(base, dim), view(queries, dim), k, metric));
}

class ExactSearchShapes : public testing::TestWithParam<std::tuple<Metric, std::int64_t>> {};

TEST_P(ExactSearchShapes, AgreesWithBruteForce) {
    auto const [metric, dim] = GetParam();
    for (std::int64_t const n : {1, 5, 15, 16, 17, 63, 64, 65, 700}) {
        for (std::int64_t const k : {1, 10, 100}) {
            SCOPED_TRACE(testing::Message() << "n " << n << ", k " << k);
            auto const seed = static_cast<std::uint64_t>(n + k);
            expect_exact(normal_vectors(n, dim, seed), normal_vectors(7, dim, seed + 1), dim, k,
                         metric);
            if (HasFatalFailure()) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ExactSearchShapes,
                         testing::Combine(testing::ValuesIn(all_metrics),
                                          testing::Values(1, 2, 3, 7, 16, 64, 100, 128, 784)),
                         [](auto const& info) {
                             return to_string(std::get<0>(info.param)) + "_d" +
                                    std::to_string(std::get<1>(info.param));
                         });

class ExactSearch : public testing::TestWithParam<Metric> {};
INSTANTIATE_TEST_SUITE_P(All, ExactSearch, testing::ValuesIn(all_metrics),
                         [](auto const& info) { return to_string(info.param); });

TEST_P(ExactSearch, TakesKUpToTheWholeBase) {
    expect_exact(normal_vectors(500, 5, 1), normal_vectors(20, 5, 2), 5, 500, GetParam());
}

TEST_P(ExactSearch, IsExactInHighDimension) {
    expect_exact(normal_vectors(150, 4096, 3), normal_vectors(3, 4096, 4), 4096, 5, GetParam());
}

TEST_P(ExactSearch, BreaksTiesOfDuplicatesByPosition) {
    auto base = normal_vectors(1500, 24, 5);
    for (std::size_t row = 0; row < 1500; ++row)  // nine of ten rows are row 0
        if (row % 10 != 3) std::memcpy(&base[row * 24], base.data(), 24 * sizeof(float));
    auto queries = normal_vectors(5, 24, 6);
    std::memcpy(queries.data(), base.data(), 24 * sizeof(float));
    expect_exact(base, queries, 24, 20, GetParam());
    expect_exact(base, queries, 24, 200, GetParam());
}

TEST_P(ExactSearch, BreaksTiesWhereAllRowsAreEqual) {
    std::vector<float> const base(3000 * 3, 0.25f);
    for (std::int64_t const k : {1, 10, 300})
        expect_exact(base, normal_vectors(4, 3, 7), 3, k, GetParam());
}

TEST_P(ExactSearch, RanksZeroVectors) {
    auto base = normal_vectors(600, 8, 8);
    std::fill(base.begin(), base.begin() + 300 * 8, 0.0f);
    auto queries = normal_vectors(6, 8, 9);
    std::fill(queries.begin(), queries.begin() + 2 * 8, 0.0f);
    expect_exact(base, queries, 8, 15, GetParam());
    expect_exact(base, queries, 8, 400, GetParam());
}

TEST_P(ExactSearch, BreaksTiesOfIntegerData) {
    for (std::int64_t const dim : {1, 4, 20}) {
        auto base = integer_vectors(2000, dim, 10), queries = integer_vectors(30, dim, 11);
        prepare(GetParam(), base, dim);
        prepare(GetParam(), queries, dim);
        // Scaled to length 1 they tie only in the arithmetic that ranks.
        expect_same_neighbors(
            exact_search(view(base, dim), view(queries, dim), 25, GetParam()),
            oracle_neighbors(view(base, dim), view(queries, dim), 25, GetParam(), root_of_rank));
    }
}

TEST_P(ExactSearch, DoesNotDependOnThreadsOrBlocks) {
    std::int64_t const dim = 12;
    auto base = integer_vectors(3000, dim, 12, 4), queries = integer_vectors(300, dim, 13, 4);
    prepare(GetParam(), base, dim);
    prepare(GetParam(), queries, dim);
    ExactSearchOptions options;
    options.threads = 1;
    auto const expected =
        exact_search(view(base, dim), view(queries, dim), 10, GetParam(), options);
    for (int const threads : {2, 3, 8}) {
        for (std::int64_t const workspace : {0, 1, 20000}) {
            options.threads = threads;
            options.workspace_bytes = workspace;
            expect_identical_neighbors(
                exact_search(view(base, dim), view(queries, dim), 10, GetParam(), options),
                expected);
        }
    }
}

TEST_P(ExactSearch, ReadsUnalignedMemory) {
    std::int64_t const dim = 37;
    auto base = normal_vectors(200, dim, 14), queries = normal_vectors(9, dim, 15);
    prepare(GetParam(), base, dim);
    prepare(GetParam(), queries, dim);
    auto const unaligned = [&](std::vector<float> const& values, std::vector<char>& bytes) {
        bytes.resize(values.size() * sizeof(float) + 1);
        std::memcpy(bytes.data() + 1, values.data(), values.size() * sizeof(float));
        return MatrixView(reinterpret_cast<float const*>(bytes.data() + 1),
                          std::ssize(values) / dim, dim);
    };
    std::vector<char> base_bytes, query_bytes;
    expect_identical_neighbors(
        exact_search(unaligned(base, base_bytes), unaligned(queries, query_bytes), 10, GetParam()),
        exact_search(view(base, dim), view(queries, dim), 10, GetParam()));
}

TEST(ExactSearchNumbers, KeepsNearNeighboursFarFromTheOrigin) {
    for (float const offset : {1e4f, 1e6f}) {
        auto base = normal_vectors(1000, 16, 16), queries = normal_vectors(20, 16, 17);
        for (float& value : base) value = offset + 100 * value;
        for (float& value : queries) value = offset + 100 * value;
        expect_exact(base, queries, 16, 10, Metric::l2);
    }
}

TEST(ExactSearchNumbers, RanksQueriesFarFromAllOfTheBase) {
    auto base = integer_vectors(900, 4, 18, 1000);
    auto queries = integer_vectors(10, 4, 19, 1000);
    for (float& value : queries) value += 16777216.0f;
    expect_exact(base, queries, 4, 10, Metric::l2);
}

TEST(ExactSearchNumbers, RanksVectorsWhoseScoresOverflow) {
    for (float const scale : {1e18f, 1e30f, 1e37f}) {
        auto base = normal_vectors(400, 6, 20), queries = normal_vectors(8, 6, 21);
        for (std::size_t i = 0; i < base.size(); ++i) base[i] *= i % 5 == 0 ? scale : 1.0f;
        for (std::size_t i = 0; i < queries.size() / 2; ++i) queries[i] *= scale;
        expect_same_neighbors(
            exact_search(view(base, 6), view(queries, 6), 10, Metric::l2),
            oracle_neighbors(view(base, 6), view(queries, 6), 10, Metric::l2, root_of_rank));
    }
}

TEST(ExactSearchNumbers, OneAbsurdRowDoesNotHideTheOthers) {
    auto base = normal_vectors(2000, 6, 22);
    base[777] = 3e38f;
    expect_exact(base, normal_vectors(30, 6, 23), 6, 10, Metric::l2);
}

TEST(ExactSearchNumbers, RanksDenormals) {
    for (float const scale : {1e-18f, 1e-22f, 1e-40f}) {
        auto base = integer_vectors(500, 5, 24, 50), queries = integer_vectors(10, 5, 25, 50);
        for (float& value : base) value *= scale;
        for (float& value : queries) value *= scale;
        expect_exact(base, queries, 5, 10, Metric::l2);
        expect_exact(base, queries, 5, 10, Metric::inner_product);
    }
}

TEST(ExactSearchNumbers, InfiniteAndNanRowsComeLast) {
    auto base = normal_vectors(300, 4, 26);
    base[4 * 10] = std::numeric_limits<float>::infinity();
    base[4 * 20 + 1] = std::numeric_limits<float>::quiet_NaN();
    auto const queries = normal_vectors(3, 4, 27);
    auto const got = exact_search(view(base, 4), view(queries, 4), 300, Metric::l2);
    for (std::int64_t q = 0; q < 3; ++q) {
        EXPECT_EQ(got.positions.row(q)[298], 10);
        EXPECT_EQ(got.positions.row(q)[299], 20);
        EXPECT_LT(got.distances.row(q)[297], 100);
    }
}

TEST(ExactSearchNumbers, ARowIsAtDistanceZeroFromItself) {
    auto base = normal_vectors(500, 33, 28);
    auto const l2 = exact_search(view(base, 33), view(base, 33), 1, Metric::l2);
    normalise_rows({base.data(), 500, 33});
    auto const cosine = exact_search(view(base, 33), view(base, 33), 1, Metric::cosine);
    for (std::int64_t i = 0; i < 500; ++i) {
        EXPECT_EQ(l2.positions.row(i)[0], i);
        EXPECT_EQ(l2.distances.row(i)[0], 0);
        EXPECT_EQ(cosine.positions.row(i)[0], i);
        EXPECT_EQ(cosine.distances.row(i)[0], 0);
    }
}

TEST(ExactSearchArguments, EmptyBaseAndEmptyQueries) {
    auto const some = normal_vectors(3, 4, 29);
    auto const nothing = exact_search({nullptr, 0, 4}, view(some, 4), 2, Metric::l2);
    ASSERT_EQ(nothing.queries(), 3);
    EXPECT_EQ(nothing.positions.row(2)[1], -1);
    EXPECT_EQ(nothing.distances.row(2)[1], std::numeric_limits<float>::infinity());
    EXPECT_EQ(exact_search(view(some, 4), {nullptr, 0, 4}, 2, Metric::l2).queries(), 0);
}

TEST(ExactSearchArguments, AreChecked) {
    auto const some = normal_vectors(3, 4, 30);
    EXPECT_EQ(
        test::error_message([&] { exact_search(view(some, 4), view(some, 4), 0, Metric::l2); }),
        "exact search: expected k of at least 1, got 0");
    EXPECT_EQ(
        test::error_message([&] { exact_search(view(some, 4), view(some, 3), 1, Metric::l2); }),
        "exact search: expected queries of dimension 4, got 3");
}

TEST(ExactSearchProgress, AddsUpToTheQueries) {
    auto const base = normal_vectors(5000, 4, 31), queries = normal_vectors(900, 4, 32);
    std::vector<std::int64_t> steps;
    ExactSearchOptions options;
    options.threads = 2;
    options.workspace_bytes = 1 << 20;
    options.progress = [&](std::int64_t done) { steps.push_back(done); };
    exact_search(view(base, 4), view(queries, 4), 10, Metric::l2, options);
    EXPECT_EQ(std::accumulate(steps.begin(), steps.end(), std::int64_t{0}), 900);
    EXPECT_GT(*std::min_element(steps.begin(), steps.end()), 0);
}

}  // namespace
}  // namespace partita::knn
