#include "partita/ml/kmeans.hpp"

#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml {
namespace {

using test::Rows;

/// Rows around `clusters` corners, far enough apart that there is one best clustering.
Rows clustered(std::int64_t n, std::int64_t clusters, std::uint64_t seed) {
    Rows rows(n, 3, seed);
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < 3; ++j)
            rows.at(i, j) += 20 * static_cast<double>((i % clusters >> j) & 1);
    rows.y.clear();
    return rows;
}

/// Each row's distance to the nearest centre, by its definition; which is in `nearest`.
double cost_of(Rows const& rows, RealMatrix const& centres, std::vector<std::int32_t>& nearest) {
    double cost = 0;
    for (std::int64_t i = 0; i < rows.n; ++i) {
        double best = std::numeric_limits<double>::infinity();
        for (std::int64_t c = 0; c < centres.rows(); ++c) {
            double square = 0;
            for (std::int64_t j = 0; j < rows.d; ++j)
                square += std::pow(rows.at(i, j) - centres.row(c)[j], 2);
            if (square < best)
                best = square, nearest[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(c);
        }
        cost += best;
    }
    return cost;
}

TEST(KMeans, FindsSeparatedClustersAndIsTheSameForAnyNumberOfRanks) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    Rows const rows = clustered(407, 8, 3);
    for (KMeansStart const start : {KMeansStart::parallel, KMeansStart::plus_plus}) {
        KMeansOptions options;
        options.clusters = 8;
        options.seed = 5;
        options.start = start;
        KMeansFit const fit = fit_kmeans(world, rows.spread(world), options);
        ASSERT_EQ(fit.model.clusters(), 8);
        EXPECT_TRUE(fit.converged);
        EXPECT_TRUE(std::is_sorted(fit.cost_history.rbegin(), fit.cost_history.rend()));
        std::vector<std::int32_t> nearest(407), predicted(407);
        EXPECT_NEAR(fit.cost, cost_of(rows, fit.model.centres, nearest), 1e-9);
        EXPECT_LT(fit.cost, 407 * 1.5);  // 1 is expected within, 400 between clusters
        fit.model.predict(Reals(rows.x.data(), 407, 3), predicted.data());
        EXPECT_EQ(predicted, nearest);
        for (std::int64_t c = 0; c < 8; ++c)
            EXPECT_EQ(fit.sizes[static_cast<std::size_t>(c)],
                      std::count(nearest.begin(), nearest.end(), c));
        KMeansFit const alone = fit_kmeans(self, rows.spread(self), options);
        EXPECT_EQ(std::memcmp(fit.model.centres.data(), alone.model.centres.data(), 8 * 3 * 8), 0);
    }
}

TEST(KMeans, FindsSeparatedClustersFromAnySeed) {
    Communicator const self = Communicator::self();
    Rows const rows = clustered(800, 8, 11);
    for (KMeansStart const start : {KMeansStart::parallel, KMeansStart::plus_plus})
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            KMeansOptions options;
            options.clusters = 8;
            options.seed = seed;
            options.start = start;
            EXPECT_LT(fit_kmeans(self, rows.spread(self), options).cost, 800 * 1.5) << seed;
        }
}

TEST(KMeans, CentresAreTheMeansOfTheirRows) {
    Communicator const world = Communicator::world();
    Rows rows = clustered(200, 4, 7);
    for (std::int64_t i = 0; i < rows.n; ++i) rows.weights.push_back(static_cast<double>(i % 3));
    KMeansOptions options;
    options.clusters = 4;
    KMeansFit const fit = fit_kmeans(world, rows.spread(world), options);
    std::vector<std::int32_t> nearest(200);
    cost_of(rows, fit.model.centres, nearest);
    for (std::int64_t c = 0; c < fit.model.clusters(); ++c) {
        double sum = 0, weight = 0;
        for (std::int64_t i = 0; i < rows.n; ++i) {
            if (nearest[static_cast<std::size_t>(i)] != c) continue;
            sum += rows.weights[static_cast<std::size_t>(i)] * rows.at(i, 1);
            weight += rows.weights[static_cast<std::size_t>(i)];
        }
        EXPECT_NEAR(fit.model.centres.row(c)[1], sum / weight, 1e-4);
    }
}

TEST(KMeans, FewerDifferentRowsThanClustersGiveFewerClusters) {
    Communicator const world = Communicator::world();
    Rows rows(64, 2, 9);
    for (std::int64_t i = 0; i < rows.n; ++i)
        rows.at(i, 0) = rows.at(i, 1) = static_cast<double>(i % 3);
    KMeansOptions options;
    options.clusters = 10;
    KMeansFit const fit = fit_kmeans(world, rows.spread(world), options);
    EXPECT_EQ(fit.model.clusters(), 3);
    EXPECT_EQ(fit.cost, 0);
    EXPECT_EQ(fit.warnings.size(), 1u);
}

TEST(KMeans, OneRowAndOneCluster) {
    Communicator const world = Communicator::world();
    Rows rows(1, 2, 9);
    KMeansOptions options;
    options.clusters = 1;
    KMeansFit const fit = fit_kmeans(world, rows.spread(world), options);
    EXPECT_EQ(fit.cost, 0);
    EXPECT_EQ(fit.model.centres.row(0)[1], rows.at(0, 1));
    EXPECT_EQ(test::error_message([&] { fit_kmeans(world, Rows(0, 2, 1).spread(world), options); }),
              "k-means: expected rows, got none");
}

}  // namespace
}  // namespace partita::ml
