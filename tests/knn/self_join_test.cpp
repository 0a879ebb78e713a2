#include "knn/self_join.hpp"

#include "knn/neighbors_match.hpp"
#include "support/knn_oracle.hpp"

#include "partita/knn/distance.hpp"
#include "partita/knn/exact_search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn::self_join_test {
namespace {

using test::integer_vectors;
using test::normal_vectors;

constexpr Metric all_metrics[] = {Metric::l2, Metric::cosine, Metric::inner_product};

MatrixView view(std::vector<float> const& values, std::int64_t dim) {
    return {values.data(), std::ssize(values) / dim, dim};
}

/// The tasks of a join, dealt out to several as ranks would, and merged.
Neighbors join(MatrixView rows, std::int64_t k, Metric metric, int threads, int parts = 1) {
    RankedNeighbors all(rows.rows, k);
    std::fill_n(all.data(), rows.rows * k, no_neighbor);
    auto const width = static_cast<std::size_t>(k);
    std::vector<RankedNeighbor> scratch(width);
    for (int part = 0; part < parts; ++part) {
        SelfJoin mine(rows, k, metric, threads);
        EXPECT_TRUE(mine.can_score());
        std::atomic<std::int64_t> done{0};
        RowRange const tasks = share_of(mine.tasks(), parts, part);
        mine.run(tasks, [&] { ++done; });
        EXPECT_EQ(done, tasks.size());
        RankedNeighbors found(rows.rows, k);
        mine.finish({0, rows.rows}, found);
        for (std::int64_t i = 0; i < rows.rows; ++i)
            merge_nearest({all.row(i), width}, {found.row(i), width}, scratch);
    }
    Neighbors out(rows.rows, k);
    for (std::int64_t i = 0; i < rows.rows; ++i)
        report_neighbors({all.row(i), width}, metric, out, i);
    return out;
}

void expect_as_exact_search(std::vector<float> values, std::int64_t dim, std::int64_t k,
                            Metric metric, int parts = 1) {
    if (metric == Metric::cosine) normalise_rows({values.data(), std::ssize(values) / dim, dim});
    MatrixView const rows = view(values, dim);
    Neighbors const wanted = exact_search(rows, rows, k, metric);
    test::expect_identical_neighbors(join(rows, k, metric, 3, parts), wanted);
}

class SelfJoinOf : public testing::TestWithParam<Metric> {};
INSTANTIATE_TEST_SUITE_P(All, SelfJoinOf, testing::ValuesIn(all_metrics),
                         [](auto const& info) { return to_string(info.param); });

TEST_P(SelfJoinOf, FindsWhatSearchingFromBothSidesFinds) {
    for (std::int64_t const dim : {1, 3, 16, 100, 784})
        for (std::int64_t const n : {1, 5, 64, 65, 640})
            for (std::int64_t const k : {1, 10, 100}) {
                SCOPED_TRACE(testing::Message() << n << " x " << dim << ", k " << k);
                expect_as_exact_search(normal_vectors(n, dim, static_cast<std::uint64_t>(n + k)),
                                       dim, k, GetParam());
                if (HasFatalFailure()) return;
            }
}

TEST_P(SelfJoinOf, CanBeDealtOut) {
    for (int const parts : {2, 7})
        expect_as_exact_search(normal_vectors(1400, 500, 3), 500, 10, GetParam(), parts);
}

TEST_P(SelfJoinOf, BreaksTiesByPosition) {
    for (std::int64_t const dim : {1, 4, 20})
        expect_as_exact_search(integer_vectors(1500, dim, 4), dim, 25, GetParam(), 2);
    auto values = normal_vectors(1500, 24, 5);
    for (std::size_t row = 0; row < 1500; ++row)  // nine of ten rows are row 0
        if (row % 10 != 3) std::copy_n(values.data(), 24, &values[row * 24]);
    expect_as_exact_search(values, 24, 20, GetParam(), 2);
    expect_as_exact_search(std::vector<float>(1500 * 3, 0.25f), 3, 10, GetParam(), 2);
}

TEST_P(SelfJoinOf, RanksZeroVectors) {
    auto values = normal_vectors(1200, 8, 6);
    for (std::size_t row = 0; row < 1200; ++row)
        if (row % 3 == 1) std::fill_n(&values[row * 8], 8, 0.0f);
    expect_as_exact_search(values, 8, 15, GetParam(), 2);
    expect_as_exact_search(values, 8, 500, GetParam());
}

TEST_P(SelfJoinOf, RanksVectorsOfVeryDifferentLengths) {
    auto values = normal_vectors(1300, 12, 7);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] *= std::pow(10.0f, static_cast<float>(i / 12 % 9) - 4);
    expect_as_exact_search(values, 12, 10, GetParam());
    for (float& value : values) value += 1e6f;
    expect_as_exact_search(values, 12, 10, GetParam());
}

TEST(SelfJoin, DoesNotTakeWhatFloatsCannotScore) {
    for (float const absurd :
         {1e19f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        auto values = normal_vectors(900, 6, 8);
        values[777] = absurd;
        for (Metric metric : {Metric::l2, Metric::inner_product})
            EXPECT_FALSE(SelfJoin(view(values, 6), 5, metric, 2).can_score()) << absurd;
    }
}

TEST(SelfJoin, ReadsUnalignedMemory) {
    auto const values = normal_vectors(1200, 37, 9);
    std::vector<char> bytes(values.size() * sizeof(float) + 1);
    std::copy_n(reinterpret_cast<char const*>(values.data()), bytes.size() - 1, bytes.data() + 1);
    MatrixView const rows{reinterpret_cast<float const*>(bytes.data() + 1), 1200, 37};
    test::expect_identical_neighbors(
        join(rows, 10, Metric::l2, 2),
        exact_search(view(values, 37), view(values, 37), 10, Metric::l2));
}

}  // namespace
}  // namespace partita::knn::self_join_test
