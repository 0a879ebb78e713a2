#include "partita/ml/logistic_regression.hpp"

#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include "partita/ml/class_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml {
namespace {

using test::Rows;
using testing::DoubleNear;
using testing::Each;

/// The gradient of the mean log loss at a model: classes x (d + 1), intercepts last, from
/// probabilities computed by their definition.
std::vector<double> gradient(Rows const& rows, LogisticModel const& model) {
    bool const binary = model.coefficients.rows() == 1;
    std::int64_t const classes = model.classes(), stride = rows.d + 1;
    std::vector<double> sums(static_cast<std::size_t>(classes * stride), 0.0);
    double weight_sum = 0;
    for (std::int64_t i = 0; i < rows.n; ++i) {
        std::vector<double> scores(static_cast<std::size_t>(classes), 0.0);
        double total = 0;
        for (std::int64_t c = 0; c < classes; ++c) {
            double score = 0;
            if (!binary || c == 1) {
                std::int64_t const row = binary ? 0 : c;
                score = model.intercepts[static_cast<std::size_t>(row)];
                for (std::int64_t j = 0; j < rows.d; ++j)
                    score += model.coefficients.row(row)[j] * rows.at(i, j);
            }
            total += scores[static_cast<std::size_t>(c)] = std::exp(score);
        }
        double const w = rows.weights.empty() ? 1 : rows.weights[static_cast<std::size_t>(i)];
        for (std::int64_t c = 0; c < classes; ++c) {
            bool const own = rows.y[static_cast<std::size_t>(i)] == static_cast<double>(c);
            double const residual = w * (scores[static_cast<std::size_t>(c)] / total - own);
            for (std::int64_t j = 0; j < rows.d; ++j)
                sums[static_cast<std::size_t>(c * stride + j)] += residual * rows.at(i, j);
            sums[static_cast<std::size_t>(c * stride + rows.d)] += residual;
        }
        weight_sum += w;
    }
    for (double& sum : sums) sum /= weight_sum;
    return sums;
}

std::vector<double> numbers_of(LogisticModel const& model) {
    std::vector<double> numbers = model.intercepts;
    numbers.insert(numbers.end(), model.coefficients.data(),
                   model.coefficients.data() + model.coefficients.rows() * model.features());
    return numbers;
}

TEST(LogisticRegression, NewtonFindsWhereTheGradientVanishesForAnyNumberOfRanks) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    for (std::int64_t const n : {60, 500}) {
        Rows rows(n, 4, 23);
        rows.classify(2);
        for (std::int64_t i = 0; i < n; i += 7)  // so that no hyperplane separates the classes
            rows.y[static_cast<std::size_t>(i)] = 1 - rows.y[static_cast<std::size_t>(i)];
        if (n == 500)
            for (std::int64_t i = 0; i < n; ++i) rows.weights.push_back(static_cast<double>(i % 4));
        auto const fit = fit_logistic_regression(world, rows.spread(world));
        EXPECT_EQ(fit.summary.method, "Newton");
        EXPECT_TRUE(fit.summary.converged);
        EXPECT_THAT(gradient(rows, fit.model), Each(DoubleNear(0, 1e-9)));
        EXPECT_EQ(numbers_of(fit.model),
                  numbers_of(fit_logistic_regression(self, rows.spread(self)).model));
    }
}

TEST(LogisticRegression, SoftmaxFindsWhereTheGradientVanishes) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    Rows rows(400, 3, 29);
    rows.classify(4);
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    EXPECT_EQ(fit.summary.method, "L-BFGS");
    ASSERT_EQ(fit.model.classes(), 4);
    EXPECT_THAT(gradient(rows, fit.model), Each(DoubleNear(0, 1e-7)));
    EXPECT_EQ(numbers_of(fit.model),
              numbers_of(fit_logistic_regression(self, rows.spread(self)).model));
}

TEST(LogisticRegression, AnL1PenaltyMeetsItsOptimalityConditions) {
    Communicator const world = Communicator::world();
    Rows rows(400, 6, 31);
    rows.classify(2);
    LogisticRegressionOptions options;
    options.penalty = {.strength = 0.03, .l1_share = 1, .standardize = false};
    options.tolerance = 1e-7;
    auto const fit = fit_logistic_regression(world, rows.spread(world), options);
    auto const slopes = gradient(rows, fit.model);
    int zeros = 0;
    for (std::int64_t j = 0; j < 6; ++j) {
        double const b = fit.model.coefficients.row(0)[j];
        double const slope = slopes[static_cast<std::size_t>(7 + j)];
        zeros += b == 0;
        if (b == 0) {
            EXPECT_LE(std::abs(slope), 0.03 + 1e-6);
        } else {
            EXPECT_NEAR(slope, b > 0 ? -0.03 : 0.03, 1e-6);
        }
    }
    EXPECT_GE(zeros, 1);
    EXPECT_LT(zeros, 6);
}

TEST(LogisticRegression, RidgePullsTowardsZeroAsItsGradientSays) {
    Communicator const world = Communicator::world();
    Rows rows(300, 3, 37);
    rows.classify(2);
    LogisticRegressionOptions options;
    options.penalty = {.strength = 0.2, .l1_share = 0, .standardize = false};
    auto const fit = fit_logistic_regression(world, rows.spread(world), options);
    auto const slopes = gradient(rows, fit.model);
    for (std::int64_t j = 0; j < 3; ++j)
        EXPECT_NEAR(slopes[static_cast<std::size_t>(4 + j)],
                    -0.2 * fit.model.coefficients.row(0)[j], 1e-9);
}

TEST(LogisticRegression, SeparableClassesEndWithAWarning) {
    Communicator const world = Communicator::world();
    Rows rows(200, 2, 41);
    for (std::int64_t i = 0; i < rows.n; ++i)
        rows.y[static_cast<std::size_t>(i)] = rows.at(i, 0) + rows.at(i, 1) > 0.05;
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    ASSERT_EQ(fit.summary.warnings.size(), 1u);
    EXPECT_NE(fit.summary.warnings[0].find("separates"), std::string::npos);
    EXPECT_LT(fit.log_loss, 1e-3);
}

TEST(LogisticRegression, OneLabelGivesAnInfiniteInterceptAndSaysSo) {
    Communicator const world = Communicator::world();
    Rows rows(50, 2, 43);
    for (double& label : rows.y) label = 1;
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    EXPECT_EQ(fit.model.intercepts[0], HUGE_VAL);
    ASSERT_EQ(fit.summary.warnings.size(), 1u);
    double probabilities[2];
    fit.model.predict_probabilities(Reals(rows.x.data(), 1, 2), probabilities);
    EXPECT_EQ(probabilities[1], 1);
}

TEST(LogisticRegression, ManySeparableClassesEndWithAWarningToo) {
    Communicator const world = Communicator::world();
    Rows rows(120, 2, 61);
    for (std::int64_t i = 0; i < rows.n; ++i) {
        double const x = rows.at(i, 0);
        rows.y[static_cast<std::size_t>(i)] = x < -0.3 ? 0 : x < 0.3 ? 1 : 2;
        rows.at(i, 0) += x < -0.3 ? -0.5 : x < 0.3 ? 0 : 0.5;
    }
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    ASSERT_EQ(fit.summary.warnings.size(), 1u);
    EXPECT_NE(fit.summary.warnings[0].find("separates"), std::string::npos);
}

TEST(LogisticRegression, LargeOffsetsConstantAndDuplicateColumnsAreNormal) {
    Communicator const world = Communicator::world();
    Rows rows(300, 4, 67);
    rows.classify(2);
    for (std::int64_t i = 0; i < rows.n; i += 5)
        rows.y[static_cast<std::size_t>(i)] = 1 - rows.y[static_cast<std::size_t>(i)];
    auto const plain = fit_logistic_regression(world, rows.spread(world));
    Rows moved = rows;
    for (double& x : moved.x) x += 1e9;
    auto const far = fit_logistic_regression(world, moved.spread(world));
    for (std::int64_t j = 0; j < 4; ++j)
        EXPECT_NEAR(far.model.coefficients.row(0)[j], plain.model.coefficients.row(0)[j], 1e-5);
    for (std::int64_t i = 0; i < rows.n; ++i) {
        rows.at(i, 2) = 3;
        rows.at(i, 3) = rows.at(i, 1);
    }
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    EXPECT_THAT(gradient(rows, fit.model), Each(DoubleNear(0, 1e-9)));
    EXPECT_EQ(fit.model.coefficients.row(0)[2], 0);
    EXPECT_NEAR(fit.model.coefficients.row(0)[1], fit.model.coefficients.row(0)[3], 1e-8);
    EXPECT_TRUE(fit.summary.standard_errors.empty());
    ASSERT_EQ(fit.summary.warnings.size(), 1u);
}

TEST(LogisticRegression, MoreFeaturesThanRowsHaveAnOptimumWithAPenalty) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    Rows rows(40, 510, 71);  // more than Newton's method is used for
    rows.classify(2);
    LogisticRegressionOptions options;
    options.tolerance = 1e-8;
    options.penalty = {.strength = 0.5, .l1_share = 0, .standardize = false};
    auto const fit = fit_logistic_regression(world, rows.spread(world), options);
    EXPECT_EQ(fit.summary.method, "L-BFGS");
    auto const slopes = gradient(rows, fit.model);
    for (std::int64_t j = 0; j < rows.d; ++j)
        EXPECT_NEAR(slopes[static_cast<std::size_t>(rows.d + 1 + j)],
                    -0.5 * fit.model.coefficients.row(0)[j], 1e-6);
    EXPECT_EQ(numbers_of(fit.model),
              numbers_of(fit_logistic_regression(self, rows.spread(self), options).model));
}

TEST(ClassWeights, BalancedAreThoseOfRowsThatCountAsOften) {
    Communicator const world = Communicator::world();
    Rows rows(200, 2, 73);
    rows.classify(2);
    for (std::int64_t i = 0; i < rows.n; ++i)
        if (i % 3 == 0) rows.y[static_cast<std::size_t>(i)] = 1;
    auto const set = rows.spread(world);
    std::vector<double> const weights = balanced_class_weights(world, set);
    double ones = 0;
    for (double const y : rows.y) ones += y;
    ASSERT_EQ(weights.size(), 2u);
    EXPECT_DOUBLE_EQ(weights[1], 200 / (2 * ones));
    EXPECT_DOUBLE_EQ(weights[0], 200 / (2 * (200 - ones)));
    auto const fit = fit_logistic_regression(world, ClassWeightedSet(set, weights));
    for (double const y : rows.y) rows.weights.push_back(weights[static_cast<std::size_t>(y)]);
    EXPECT_EQ(numbers_of(fit.model),
              numbers_of(fit_logistic_regression(world, rows.spread(world)).model));
}

TEST(LogisticRegression, SortedLabelsAndMoreRanksThanRowsAreNormal) {
    Communicator const world = Communicator::world();
    Rows rows(5, 1, 47);
    rows.x = {1, 2, 3, 4, 5};
    rows.y = {0, 0, 1, 0, 1};
    auto const fit = fit_logistic_regression(world, rows.spread(world));
    EXPECT_THAT(gradient(rows, fit.model), Each(DoubleNear(0, 1e-10)));
}

TEST(LogisticRegression, RefusesLabelsThatAreNoClassNumbers) {
    Communicator const world = Communicator::world();
    Rows rows(30, 2, 53);
    rows.classify(2);
    rows.y[17] = 0.5;
    std::string const message =
        test::error_message([&] { fit_logistic_regression(world, rows.spread(world)); });
    EXPECT_NE(message.find("row 17: expected a class number as label, got 0.5"), std::string::npos)
        << message;
}

TEST(LogisticModel, PredictsTheDefinitionsProbabilities) {
    Rows rows(100, 5, 59);
    rows.classify(3);
    auto const fit =
        fit_logistic_regression(Communicator::self(), rows.spread(Communicator::self()));
    std::vector<double> probabilities(300);
    fit.model.predict_probabilities(Reals(rows.x.data(), 100, 5), probabilities.data());
    for (std::int64_t i = 0; i < 100; ++i) {
        double scores[3], total = 0;
        for (int c = 0; c < 3; ++c) {
            scores[c] = fit.model.intercepts[static_cast<std::size_t>(c)];
            for (int j = 0; j < 5; ++j)
                scores[c] += fit.model.coefficients.row(c)[j] * rows.at(i, j);
            total += std::exp(scores[c]);
        }
        for (int c = 0; c < 3; ++c)
            EXPECT_NEAR(probabilities[static_cast<std::size_t>(3 * i + c)],
                        std::exp(scores[c]) / total, 1e-14);
    }
}

}  // namespace
}  // namespace partita::ml
