#include "knn/build/kmeans.hpp"

#include "support/knn_oracle.hpp"
#include "support/vector_files.hpp"

#include "partita/core/row_range.hpp"

#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

/// This rank's rows of a matrix that every rank holds.
struct Share {
    MatrixView points;
    std::vector<std::int64_t> rows;

    Share(Communicator const& comm, MatrixView all) {
        RowRange const mine = share_of(all.rows, comm.size(), comm.rank());
        points = all.slice(mine.first, mine.last);
        rows.resize(static_cast<std::size_t>(mine.size()));
        std::iota(rows.begin(), rows.end(), mine.first);
    }
};

double cost(MatrixView points, MatrixView centroids) {
    double sum = 0;
    Neighbors const nearest = test::oracle_neighbors(centroids, points, 1, Metric::l2);
    for (std::int64_t i = 0; i < points.rows; ++i)
        sum += std::pow(static_cast<double>(nearest.distances.row(i)[0]), 2);
    return sum;
}

void expect_same_bits(Matrix const& a, Matrix const& b) {
    EXPECT_EQ(a.rows(), b.rows());
    if (a.rows() != b.rows()) return;
    EXPECT_EQ(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.rows() * a.cols()) * 4),
              0);
}

TEST(KMeans, IsTheSameForAnyNumberOfRanks) {
    Communicator const world = Communicator::world();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto const values = test::clustered_vectors(601, 9, seed);
        MatrixView const all(values.data(), 601, 9);
        KMeansOptions options;
        options.clusters = seed == 2 ? 11 : 23;  // few enough to begin with a part of the points
        options.seed = seed;
        options.spherical = seed == 3;
        Share const mine(world, all), whole(Communicator::self(), all);
        Matrix const a = distributed_kmeans(world, mine.points, mine.rows, options);
        Matrix const b =
            distributed_kmeans(Communicator::self(), whole.points, whole.rows, options);
        expect_same_bits(a, b);
    }
}

TEST(KMeans, LowersTheCostAndFindsPlantedClusters) {
    Communicator const world = Communicator::world();
    // Four far corners: any good clustering into four has a cost near the noise alone.
    RandomStream random(11);
    std::vector<float> values;
    for (int i = 0; i < 400; ++i)
        for (int j = 0; j < 2; ++j)
            values.push_back(static_cast<float>((i >> j & 1) * 100 + random.normal()));
    MatrixView const all(values.data(), 400, 2);
    Share const mine(world, all);
    double best = 1e300;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        KMeansOptions options;
        options.clusters = 4;
        options.seed = seed;
        Matrix const centroids = distributed_kmeans(world, mine.points, mine.rows, options);
        best = std::min(best, cost(all, centroids.view()));
    }
    EXPECT_LT(best, 400 * 2 * 1.3);
}

TEST(KMeans, EmptyClustersAreFilled) {
    Communicator const world = Communicator::world();
    // 5 distinct points, 8 clusters: three must be split off, none may be NaN.
    std::vector<float> values;
    for (int i = 0; i < 80; ++i) values.insert(values.end(), {static_cast<float>(i % 5), 1.0f});
    MatrixView const all(values.data(), 80, 2);
    Share const mine(world, all);
    KMeansOptions options;
    options.clusters = 8;
    Matrix const centroids = distributed_kmeans(world, mine.points, mine.rows, options);
    EXPECT_EQ(centroids.rows(), 8);
    for (std::int64_t i = 0; i < centroids.rows() * 2; ++i)
        EXPECT_TRUE(std::isfinite(centroids.data()[i]));
}

TEST(KMeans, FewerPointsThanClustersGiveFewerCentroids) {
    Communicator const world = Communicator::world();
    auto const values = test::normal_vectors(3, 4, 5);
    MatrixView const all(values.data(), 3, 4);
    Share const mine(world, all);
    KMeansOptions options;
    options.clusters = 10;
    EXPECT_EQ(distributed_kmeans(world, mine.points, mine.rows, options).rows(), 3);
}

TEST(KMeans, LargeAndTinyNumbersKeepTheirPrecision) {
    Communicator const world = Communicator::world();
    for (float scale : {1e-30f, 1e30f}) {
        std::vector<float> values;
        for (int i = 0; i < 64; ++i) values.push_back(scale * static_cast<float>(1 + i % 2));
        MatrixView const all(values.data(), 64, 1);
        Share const mine(world, all);
        KMeansOptions options;
        options.clusters = 2;
        options.seed = 4;
        Matrix const centroids = distributed_kmeans(world, mine.points, mine.rows, options);
        float const low = std::min(centroids.data()[0], centroids.data()[1]);
        float const high = std::max(centroids.data()[0], centroids.data()[1]);
        EXPECT_NEAR(low / scale, 1, 1e-2);
        EXPECT_NEAR(high / scale, 2, 1e-2);
    }
}

}  // namespace
}  // namespace partita::knn
