#include "knn/nearest_centroids.hpp"

#include "support/knn_oracle.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

std::vector<std::int32_t> find(NearestCentroids const& nearest, MatrixView points,
                               std::int64_t count, int threads = 2) {
    std::vector<std::int32_t> found(static_cast<std::size_t>(points.rows * count), -1);
    nearest.find(points, count, found.data(), threads);
    return found;
}

/// The oracle's neighbours, ascending for each point.
std::vector<std::int32_t> expected(MatrixView centroids, MatrixView points, std::int64_t count,
                                   Metric metric) {
    Neighbors const all = test::oracle_neighbors(centroids, points, count, metric);
    std::vector<std::int32_t> numbers;
    for (std::int64_t q = 0; q < points.rows; ++q) {
        auto const row = all.positions.row(q);
        std::vector<std::int64_t> sorted(row, row + count);
        std::sort(sorted.begin(), sorted.end());
        for (std::int64_t const number : sorted)
            numbers.push_back(static_cast<std::int32_t>(number));
    }
    return numbers;
}

void expect_exact(std::vector<float> const& centroids, std::vector<float> const& points,
                  std::int64_t dim, Metric metric) {
    MatrixView const base(centroids.data(), std::ssize(centroids) / dim, dim);
    MatrixView const queries(points.data(), std::ssize(points) / dim, dim);
    NearestCentroids const nearest(base, metric);
    for (std::int64_t const count : {1, 2, 7, 40, 300}) {
        if (count > base.rows) continue;
        EXPECT_EQ(find(nearest, queries, count), expected(base, queries, count, metric))
            << to_string(metric) << ' ' << count;
    }
}

TEST(NearestCentroids, FewAreAllComparedAndTiesGoToTheSmallerNumber) {
    for (Metric const metric : {Metric::l2, Metric::inner_product}) {
        expect_exact(test::integer_vectors(300, 5, 1), test::integer_vectors(70, 5, 2), 5, metric);
        expect_exact(test::normal_vectors(301, 33, 3), test::normal_vectors(13, 33, 4), 33, metric);
        expect_exact(std::vector<float>(300 * 4, 1.5f), std::vector<float>(9 * 4, 0.5f), 4, metric);
    }
    expect_exact({1, 2, 3}, {7}, 3, Metric::l2);
}

TEST(NearestCentroids, ScoresThatRoundOrOverflowDoNotMatter) {
    // Far from the origin, nearer to each other than float32 products can tell.
    auto centroids = test::normal_vectors(200, 8, 5), points = test::normal_vectors(20, 8, 6);
    for (float& value : centroids) value = 1e4f + value * 1e-2f;
    for (float& value : points) value = 1e4f + value * 1e-2f;
    expect_exact(centroids, points, 8, Metric::l2);
    for (std::size_t i = 0; i < centroids.size(); i += 5) centroids[i] *= 1e17f;
    expect_exact(centroids, points, 8, Metric::l2);
    for (std::size_t i = 0; i < points.size(); i += 16) points[i] = 1e25f;
    expect_exact(centroids, points, 8, Metric::l2);
}

/// Enough to be grouped.
struct Many {
    static constexpr std::int64_t dim = 12, rows = 5000;
    std::vector<float> centroids = test::normal_vectors(rows, dim, 8);
    std::vector<float> points = test::normal_vectors(300, dim, 9);
    MatrixView base{centroids.data(), rows, dim}, queries{points.data(), 300, dim};
};

TEST(NearestCentroids, ManyAreFoundNearlyAll) {
    Many const many;
    NearestCentroids const nearest(many.base, Metric::l2);
    for (std::int64_t const count : {1, 10}) {
        auto const found = find(nearest, many.queries, count);
        auto const exact = expected(many.base, many.queries, count, Metric::l2);
        std::int64_t hits = 0;
        for (std::size_t at = 0; at < found.size(); at += static_cast<std::size_t>(count)) {
            auto const* const mine = found.data() + at;
            EXPECT_TRUE(std::is_sorted(mine, mine + count, std::less_equal<>()));
            for (std::int64_t i = 0; i < count; ++i)
                hits +=
                    std::binary_search(mine, mine + count, exact[at + static_cast<std::size_t>(i)]);
        }
        EXPECT_GT(static_cast<double>(hits), 0.95 * static_cast<double>(found.size())) << count;
    }
    // A centroid is nearest to itself, and its group is found.
    std::vector<std::int32_t> all(static_cast<std::size_t>(Many::rows));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(find(nearest, many.base, 1), all);
    EXPECT_EQ(find(nearest, many.base.slice(0, 3), Many::rows),
              expected(many.base, many.base.slice(0, 3), Many::rows, Metric::l2));
}

TEST(NearestCentroids, ManyOfLengthOneAreComparedByTheAngleAsUnderL2) {
    Many many;
    auto const normalise = [](std::vector<float>& values) {
        normalise_rows({values.data(), std::ssize(values) / Many::dim, Many::dim});
    };
    normalise(many.centroids);
    normalise(many.points);
    EXPECT_EQ(find(NearestCentroids(many.base, Metric::cosine), many.queries, 10),
              find(NearestCentroids(many.base, Metric::l2), many.queries, 10));
    // One that has no angle would be near to all under l2: then all are compared.
    std::fill_n(many.centroids.begin() + 7 * Many::dim, Many::dim, 0.0f);
    EXPECT_EQ(find(NearestCentroids(many.base, Metric::cosine), many.queries, 10),
              expected(many.base, many.queries, 10, Metric::inner_product));
}

TEST(NearestCentroids, DoNotDependOnThreadsNorOnHowPointsAreCut) {
    Many const many;
    NearestCentroids const nearest(many.base, Metric::cosine, 1),
        other(many.base, Metric::cosine, 3);
    auto const all = find(nearest, many.queries, 5, 1);
    EXPECT_EQ(find(other, many.queries, 5, 3), all);
    std::vector<std::int32_t> pieces;
    for (std::int64_t first = 0; first < 300; first += 77) {
        auto const piece =
            find(nearest, many.queries.slice(first, std::min<std::int64_t>(first + 77, 300)), 5);
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(pieces, all);
}

}  // namespace
}  // namespace partita::knn
