#include "partita/ml/evaluate.hpp"

#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include "partita/ml/linear_regression.hpp"
#include "partita/ml/set_views.hpp"

#include <gtest/gtest.h>

namespace partita::ml {
namespace {

class EvaluateTest : public testing::Test {
  protected:
    Communicator world_ = Communicator::world();
};

/// Rows whose features are a model's outputs already.
test::Rows outputs(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
    return {rows, columns, seed};
}

TEST_F(EvaluateTest, RegressionFiguresAreThoseOfTheirDefinitions) {
    test::Rows rows = outputs(333, 1, 5);
    for (double& y : rows.y) y += 1e6;
    for (double& x : rows.x) x += 1e6;
    rows.weights.assign(333, 1.0);
    for (std::size_t i = 0; i < 333; i += 3) rows.weights[i] = 0.5;
    for (std::size_t i = 1; i < 333; i += 9) rows.weights[i] = 0;
    RegressionMetrics const m = evaluate_regression(world_, rows.spread(world_));
    long double n = 0, mean = 0, square = 0, absolute = 0, residual = 0;
    for (std::size_t i = 0; i < 333; ++i) {
        long double const e = rows.y[i] - rows.x[i], w = rows.weights[i];
        n += w, mean += w * rows.y[i], square += w * e * e, absolute += w * std::abs(e);
        residual += w * e;
    }
    mean /= n, residual /= n;
    long double total = 0, spread = 0, predicted = 0;
    for (std::size_t i = 0; i < 333; ++i) {
        long double const w = rows.weights[i], e = rows.y[i] - rows.x[i] - residual;
        total += w * (rows.y[i] - mean) * (rows.y[i] - mean);
        spread += w * e * e;
        predicted += w * (rows.x[i] - mean) * (rows.x[i] - mean);
    }
    EXPECT_NEAR(m.weight_sum, static_cast<double>(n), 1e-12);
    EXPECT_NEAR(m.mse, static_cast<double>(square / n), 1e-9);
    EXPECT_NEAR(m.mae, static_cast<double>(absolute / n), 1e-9);
    EXPECT_NEAR(m.r2, static_cast<double>(1 - square / total), 1e-8);
    EXPECT_NEAR(m.explained_variance, static_cast<double>(1 - spread / total), 1e-8);
    EXPECT_NEAR(m.prediction_variance, static_cast<double>(predicted / n), 1e-8);
    EXPECT_EQ(m.rmse, std::sqrt(m.mse));
}

TEST_F(EvaluateTest, ConstantLabelsHaveAnR2OfOneOrZero) {
    test::Rows rows = outputs(20, 1, 6);
    rows.y.assign(20, 3.0);
    EXPECT_EQ(evaluate_regression(world_, rows.spread(world_)).r2, 0);
    rows.x.assign(20, 3.0);
    EXPECT_EQ(evaluate_regression(world_, rows.spread(world_)).r2, 1);
}

TEST_F(EvaluateTest, ClassesAreCountedAndAveraged) {
    // (label, prediction, probabilities of 3 classes); scikit-learn 1.2.1 gives these figures.
    test::Rows rows(6, 4, 0);
    rows.y = {0, 0, 1, 1, 2, 2};
    rows.x = {0, .8, .1, .1, 1, .3, .4, .3, 1, .2, .7, .1,
              1, .1, .6, .3, 2, .1, .2, .7, 0, .5, .5, .0};
    ClassificationMetrics const m = evaluate_classes(world_, rows.spread(world_), 3);
    EXPECT_DOUBLE_EQ(m.accuracy, 4.0 / 6);
    EXPECT_DOUBLE_EQ(m.confusion.row(0)[1], 1);
    EXPECT_DOUBLE_EQ(m.confusion.row(2)[0], 1);
    EXPECT_DOUBLE_EQ(m.classes[1].precision, 2.0 / 3);
    EXPECT_DOUBLE_EQ(m.classes[1].recall, 1);
    EXPECT_DOUBLE_EQ(m.classes[1].f1, .8);
    EXPECT_DOUBLE_EQ(m.weighted.f1, (.5 + .8 + 2.0 / 3) / 3);
    EXPECT_DOUBLE_EQ(m.macro.precision, (.5 + 2.0 / 3 + 1) / 3);
    double const loss = -(std::log(.8) + std::log(.3) + std::log(.7) + std::log(.6) + std::log(.7) +
                          std::log(1e-15)) /
                        6;
    EXPECT_NEAR(m.log_loss, loss, 1e-12);
}

TEST_F(EvaluateTest, LabelsThatTheModelDoesNotKnowAreRefused) {
    test::Rows rows = outputs(40, 1, 7);
    rows.x.assign(40, 0.0);
    rows.y.assign(40, 0.0);
    rows.y[33] = 2;
    auto const set = rows.spread(world_);
    std::string const message = test::error_message([&] { evaluate_classes(world_, set, 2); });
    EXPECT_NE(message.find("row 33: expected a label among the model's classes 0 to 1, got 2"),
              std::string::npos)
        << message;
}

TEST_F(EvaluateTest, TheSilhouetteIsTheOneOfAllPairs) {
    constexpr std::int64_t n = 121, d = 3, k = 3;
    test::Rows rows(n, d, 8);
    for (double& x : rows.x) x += 1000;
    KMeansModel model;
    model.centres = RealMatrix(k, d);
    for (std::int64_t c = 0; c < k; ++c)
        for (std::int64_t j = 0; j < d; ++j)
            model.centres.row(c)[j] = 1000 + (c == 2 ? 50 : 0.5 * static_cast<double>(c));
    for (std::int64_t j = 0; j < d; ++j) rows.at(7, j) = 1060;  // a cluster of one
    std::vector<std::int32_t> cluster(n);
    std::vector<double> squares(n);
    model.predict({rows.x.data(), n, d}, cluster.data(), squares.data());
    double expected = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        std::vector<double> sum(k, 0), size(k, 0);
        for (std::int64_t o = 0; o < n; ++o) {
            double square = 0;
            for (std::int64_t j = 0; j < d; ++j)
                square += std::pow(rows.at(i, j) - rows.at(o, j), 2);
            sum[static_cast<std::size_t>(cluster[static_cast<std::size_t>(o)])] += square;
            size[static_cast<std::size_t>(cluster[static_cast<std::size_t>(o)])] += 1;
        }
        auto const own = static_cast<std::size_t>(cluster[static_cast<std::size_t>(i)]);
        if (size[own] == 1) continue;
        double const a = sum[own] / (size[own] - 1);
        double b = HUGE_VAL;
        for (std::size_t c = 0; c < k; ++c)
            if (c != own && size[c] > 0) b = std::min(b, sum[c] / size[c]);
        expected += (b - a) / std::max(a, b) / n;
    }
    auto const predictor = make_predictor(std::move(model));
    ClusteringMetrics const m = evaluate_clusters(world_, rows.spread(world_), *predictor);
    EXPECT_NEAR(m.silhouette, expected, 1e-9);
    EXPECT_EQ(m.sizes[2], 1);
    double cost = 0;
    for (double const square : squares) cost += square;
    EXPECT_NEAR(m.cost, cost, 1e-6 * cost);
}

TEST_F(EvaluateTest, RowsOfWeightZeroDoNotCount) {
    test::Rows rows(90, 3, 9);
    auto const all = rows.spread(world_);
    auto const even = [](std::int64_t row) { return row % 2 == 0; };
    RowSubset const subset(all, even);
    auto const fit = fit_linear_regression(world_, subset);
    test::Rows half(45, 3, 0);
    for (std::int64_t i = 0; i < 45; ++i) {
        for (std::int64_t j = 0; j < 3; ++j) half.at(i, j) = rows.at(2 * i, j);
        half.y[static_cast<std::size_t>(i)] = rows.y[static_cast<std::size_t>(2 * i)];
    }
    auto const half_set = half.spread(world_);
    auto const expected = fit_linear_regression(world_, half_set);
    for (std::size_t j = 0; j < 3; ++j)
        EXPECT_NEAR(fit.model.coefficients[j], expected.model.coefficients[j], 1e-12);
    auto const predictor = make_predictor(fit.model);
    EXPECT_NEAR(evaluate_regression(world_, ScoredSet(subset, *predictor)).rmse, expected.rmse,
                1e-12);
}

TEST_F(EvaluateTest, FoldsOfARegressionAreTheFitsOnTheOtherRows) {
    test::Rows rows(200, 4, 10);
    for (std::int64_t i = 0; i < 200; ++i) rows.at(i, 2) += 1e6;
    auto const set = rows.spread(world_);
    auto const fold_of = [](std::int64_t row) { return row * row % 3; };
    LinearRegressionFolds const folds(world_, set, fold_of, 3);
    for (std::int64_t f = 0; f < 3; ++f) {
        LinearRegressionOptions options;
        options.penalty = {0.1, 0.5};
        RowSubset const train(set, [=](std::int64_t row) { return fold_of(row) != f; });
        auto const expected = fit_linear_regression(world_, train, options);
        auto const fit = folds.fit_without(f, options);
        for (std::size_t j = 0; j < 4; ++j)
            EXPECT_NEAR(fit.model.coefficients[j], expected.model.coefficients[j], 1e-9);
        EXPECT_NEAR(fit.model.intercept, expected.model.intercept, 1e-3);
    }
}

}  // namespace
}  // namespace partita::ml
