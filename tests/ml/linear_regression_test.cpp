#include "partita/ml/linear_regression.hpp"

#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml {
namespace {

using test::Rows;
using testing::DoubleNear;
using testing::Pointwise;

/// The gradient of the penalised objective at a fit, by its definition: for the intercept, then
/// each coefficient, without the l1 term.
std::vector<double> gradient(Rows const& rows, LinearModel const& model, double ridge) {
    std::vector<double> sums(static_cast<std::size_t>(rows.d + 1), 0.0);
    double weight_sum = 0;
    for (std::int64_t i = 0; i < rows.n; ++i) {
        double const w = rows.weights.empty() ? 1 : rows.weights[static_cast<std::size_t>(i)];
        double residual = model.intercept - rows.y[static_cast<std::size_t>(i)];
        for (std::int64_t j = 0; j < rows.d; ++j)
            residual += model.coefficients[static_cast<std::size_t>(j)] * rows.at(i, j);
        sums[0] += w * residual;
        for (std::int64_t j = 0; j < rows.d; ++j)
            sums[static_cast<std::size_t>(j + 1)] += w * residual * rows.at(i, j);
        weight_sum += w;
    }
    for (double& sum : sums) sum /= weight_sum;
    for (std::size_t j = 0; j < model.coefficients.size(); ++j)
        sums[j + 1] += ridge * model.coefficients[j];
    return sums;
}

void expect_same_bits(LinearRegressionFit const& a, LinearRegressionFit const& b) {
    EXPECT_EQ(a.model.coefficients, b.model.coefficients);
    EXPECT_EQ(a.model.intercept, b.model.intercept);
    EXPECT_EQ(a.summary.standard_errors, b.summary.standard_errors);
    EXPECT_EQ(a.r2, b.r2);
}

TEST(LinearRegression, IsTheLeastSquaresSolutionForAnyNumberOfRanks) {
    Communicator const world = Communicator::world();
    for (std::int64_t const n : {5, 40, 333}) {
        Rows rows(n, 4, 3);
        if (n == 333)
            for (std::int64_t i = 0; i < n; ++i) rows.weights.push_back(static_cast<double>(i % 3));
        auto const fit = fit_linear_regression(world, rows.spread(world));
        EXPECT_THAT(gradient(rows, fit.model, 0), testing::Each(DoubleNear(0, 1e-12)));
        Communicator const self = Communicator::self();
        expect_same_bits(fit, fit_linear_regression(self, rows.spread(self)));
    }
}

TEST(LinearRegression, WithoutAnInterceptTheLineGoesThroughZero) {
    Communicator const world = Communicator::world();
    Rows const rows(100, 3, 5);
    LinearRegressionOptions options;
    options.intercept = false;
    auto const fit = fit_linear_regression(world, rows.spread(world), options);
    EXPECT_EQ(fit.model.intercept, 0);
    auto slopes = gradient(rows, fit.model, 0);
    slopes.erase(slopes.begin());
    EXPECT_THAT(slopes, testing::Each(DoubleNear(0, 1e-12)));
}

TEST(LinearRegression, LassoMeetsItsOptimalityConditions) {
    Communicator const world = Communicator::world();
    Rows const rows(200, 6, 9);
    LinearRegressionOptions options;
    options.penalty = {.strength = 0.1, .l1_share = 1, .standardize = false};
    auto const fit = fit_linear_regression(world, rows.spread(world), options);
    auto const slopes = gradient(rows, fit.model, 0);
    EXPECT_NEAR(slopes[0], 0, 1e-10);
    int zeros = 0;
    for (std::size_t j = 0; j < 6; ++j) {
        double const b = fit.model.coefficients[j];
        zeros += b == 0;
        if (b == 0) {
            EXPECT_LE(std::abs(slopes[j + 1]), 0.1 + 1e-10);
        } else {
            EXPECT_NEAR(slopes[j + 1], b > 0 ? -0.1 : 0.1, 1e-10);
        }
    }
    EXPECT_GE(zeros, 1);
    EXPECT_LT(zeros, 6);
}

TEST(LinearRegression, LargeOffsetsDoNotCancel) {
    Communicator const world = Communicator::world();
    Rows rows(300, 3, 11);
    auto const near = fit_linear_regression(world, rows.spread(world));
    // 2^30 and values cut to multiples of 2^-20: moving them is exact.
    for (double& x : rows.x) x = std::ldexp(std::floor(std::ldexp(x, 20)), -20);
    auto const cut = fit_linear_regression(world, rows.spread(world));
    for (double& x : rows.x) x += 0x1p30;
    auto const far = fit_linear_regression(world, rows.spread(world));
    EXPECT_THAT(far.model.coefficients, Pointwise(DoubleNear(1e-9), cut.model.coefficients));
    EXPECT_NEAR(far.r2, near.r2, 1e-5);
}

TEST(LinearRegression, DependentColumnsGetTheShortestSolution) {
    Communicator const world = Communicator::world();
    Rows rows(120, 3, 13);
    for (std::int64_t i = 0; i < rows.n; ++i) rows.at(i, 2) = rows.at(i, 1);
    auto const fit = fit_linear_regression(world, rows.spread(world));
    EXPECT_EQ(fit.summary.method, "QR decomposition");
    ASSERT_EQ(fit.summary.warnings.size(), 1u);
    EXPECT_NEAR(fit.model.coefficients[1], fit.model.coefficients[2], 1e-12);
    EXPECT_THAT(gradient(rows, fit.model, 0), testing::Each(DoubleNear(0, 1e-12)));
}

TEST(LinearRegression, ConstantColumnsCountForNothing) {
    Communicator const world = Communicator::world();
    Rows rows(90, 3, 17);
    for (std::int64_t i = 0; i < rows.n; ++i) rows.at(i, 1) = 0.1;
    auto const fit = fit_linear_regression(world, rows.spread(world));
    EXPECT_EQ(fit.model.coefficients[1], 0);
    EXPECT_EQ(fit.summary.method, "normal equations");
    EXPECT_THAT(gradient(rows, fit.model, 0), testing::Each(DoubleNear(0, 1e-12)));
}

TEST(LinearRegression, MoreFeaturesThanRowsAreFitExactly) {
    Communicator const world = Communicator::world();
    Rows const rows(6, 20, 19);
    auto const fit = fit_linear_regression(world, rows.spread(world));
    EXPECT_EQ(fit.summary.method, "QR decomposition");
    EXPECT_NEAR(fit.r2, 1, 1e-12);
}

TEST(LinearRegression, TooManyFeaturesForAMatrixAreFittedByTheirGradient) {
    Communicator const world = Communicator::world();
    Rows const rows(60, 4200, 23);
    LinearRegressionOptions options;
    options.penalty = {.strength = 50, .l1_share = 0, .standardize = false};
    auto const fit = fit_linear_regression(world, rows.spread(world), options);
    EXPECT_EQ(fit.summary.method, "L-BFGS");
    EXPECT_THAT(fit.summary.standard_errors, testing::IsEmpty());
    // The penalty is meant for a label of unit deviation, as glmnet's.
    double sum = 0, square = 0;
    for (double const y : rows.y) sum += y / 60, square += y * y / 60;
    double const ridge = 50 / std::sqrt(square - sum * sum);
    EXPECT_THAT(gradient(rows, fit.model, ridge), testing::Each(DoubleNear(0, 1e-6)));
    EXPECT_GT(std::abs(fit.model.coefficients[0]), 1e-3);
}

TEST(LinearRegression, RefusesASetWithoutLabelsOrRows) {
    Communicator const world = Communicator::world();
    Rows rows(10, 2, 1);
    rows.y.clear();
    EXPECT_EQ(test::error_message([&] { fit_linear_regression(world, rows.spread(world)); }),
              "linear regression: expected a label for each row, got none");
    Rows const none(0, 2, 1);
    EXPECT_NE(test::error_message([&] { fit_linear_regression(world, none.spread(world)); }),
              "(no error)");
}

}  // namespace
}  // namespace partita::ml
