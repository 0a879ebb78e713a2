#include "ml/logistic_sums.hpp"
#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/moments.hpp"
#include "partita/ml/predictor.hpp"
#include "partita/ml/sparse_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml::sparse_test {
namespace {

using test::Rows;
using testing::HasSubstr;

/// Mostly zeros.
Rows thin_rows(std::int64_t n, std::int64_t d, std::uint64_t seed, int classes) {
    Rows rows(n, d, seed);
    RandomStream random(seed, 1);
    for (double& x : rows.x)
        if (random.uniform() < 0.7) x = 0;
    if (classes > 0) {
        rows.classify(classes);
        for (std::int64_t i = 0; i < n; i += 7)  // so that no hyperplane separates the classes
            rows.y[static_cast<std::size_t>(i)] = static_cast<double>(i / 7 % classes);
    }
    return rows;
}

/// The same rows without their zeros, unevenly spread.
SparseTrainingSet sparse_set(Communicator const& comm, Rows const& rows,
                             std::int64_t block_rows = 16) {
    std::int64_t const p = comm.size(), r = comm.rank();
    format::LibsvmRows mine;
    for (std::int64_t i = rows.n * r * r / (p * p); i < rows.n * (r + 1) * (r + 1) / (p * p); ++i) {
        mine.labels.push_back(rows.y[static_cast<std::size_t>(i)]);
        for (std::int64_t j = 0; j < rows.d; ++j) {
            if (rows.at(i, j) == 0) continue;
            mine.columns.push_back(static_cast<std::int32_t>(j));
            mine.values.push_back(rows.at(i, j));
        }
        mine.starts.push_back(std::ssize(mine.columns));
    }
    return {comm, std::move(mine), rows.d, block_rows};
}

template <class A, class B>
void expect_near(A const& got, B const& expected, double tolerance) {
    ASSERT_EQ(std::size(got), std::size(expected));
    for (std::size_t i = 0; i < std::size(got); ++i) EXPECT_NEAR(got[i], expected[i], tolerance);
}

std::vector<double> numbers_of(LogisticModel const& model) {
    std::vector<double> numbers = model.intercepts;
    numbers.insert(numbers.end(), model.coefficients.data(),
                   model.coefficients.data() + model.coefficients.rows() * model.features());
    return numbers;
}

TEST(SparseRows, HaveTheMomentsOfTheRowsWrittenOut) {
    Communicator const world = Communicator::world();
    Rows const rows = thin_rows(130, 5, 3, 0);
    Moments const sparse = column_moments(world, sparse_set(world, rows));
    Moments const dense = column_moments(world, rows.spread(world));
    expect_near(sparse.mean, dense.mean, 1e-14);
    expect_near(sparse.squared_deviations, dense.squared_deviations, 1e-11);
    EXPECT_EQ(sparse.minimum, dense.minimum);
    EXPECT_EQ(sparse.maximum, dense.maximum);
}

TEST(SparseRows, GiveTheLogisticModelOfTheRowsWrittenOut) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    for (int const classes : {2, 3}) {
        double const l1 = classes == 2 ? 0 : 0.01;
        Rows const rows = thin_rows(300, 4, 5, classes);
        LogisticRegressionOptions options;
        options.penalty = {.strength = l1, .l1_share = 0.5};
        options.tolerance = classes == 2 && l1 == 0 ? 1e-10 : 1e-8;
        auto const sparse = fit_logistic_regression(world, sparse_set(world, rows, 50), options);
        auto const dense = fit_logistic_regression(world, rows.spread(world), options);
        EXPECT_EQ(sparse.summary.method, dense.summary.method);
        expect_near(numbers_of(sparse.model), numbers_of(dense.model), l1 == 0 ? 1e-6 : 1e-5);
        EXPECT_NEAR(sparse.log_loss, dense.log_loss, 1e-7);
        expect_near(sparse.summary.standard_errors, dense.summary.standard_errors, 1e-8);
        EXPECT_EQ(
            numbers_of(sparse.model),
            numbers_of(fit_logistic_regression(self, sparse_set(self, rows, 50), options).model));
    }
}

/// Away from the optimum, where the intercept's gradient is not 0 and centring shows.
TEST(SparseRows, HaveTheSumsOfTheRowsWrittenOutAtAnyPoint) {
    Communicator const world = Communicator::world();
    Rows const two = thin_rows(100, 3, 23, 2), three = thin_rows(100, 3, 23, 3);
    std::vector<double> const centre{0.1, -0.2, 0.3}, scale{2, 0.5, 1.5};
    std::vector<double> const point{0.3, -0.7, 0.2, 0.9, -0.1, 0.4, 0.6, -0.5, 0.8, 0, 0.1, 0.2};
    LogisticPoint const binary{{centre, scale, true}, std::span(point).first(4)};
    expect_near(binary_logistic_sums(world, sparse_set(world, two), binary, true, 1),
                binary_logistic_sums(world, two.spread(world), binary, true, 1), 1e-11);
    LogisticPoint const many{{centre, scale, true}, point};
    expect_near(softmax_sums(world, sparse_set(world, three), 3, many, 1),
                softmax_sums(world, three.spread(world), 3, many, 1), 1e-11);
}

TEST(SparseRows, GiveTheLinearModelOfTheRowsWrittenOut) {
    Communicator const world = Communicator::world();
    Rows const rows = thin_rows(200, 5, 7, 0);
    for (double const strength : {0.0, 0.1}) {
        LinearRegressionOptions options;
        options.penalty = {.strength = strength, .l1_share = 0.5};
        auto const sparse = fit_linear_regression(world, sparse_set(world, rows), options);
        auto const dense = fit_linear_regression(world, rows.spread(world), options);
        expect_near(sparse.model.coefficients, dense.model.coefficients, 1e-10);
        EXPECT_NEAR(sparse.model.intercept, dense.model.intercept, 1e-10);
        EXPECT_NEAR(sparse.r2, dense.r2, 1e-12);
    }
}

TEST(SparseRows, OfDependentColumnsGiveTheShortestSolution) {
    Communicator const world = Communicator::world();
    Rows rows = thin_rows(100, 4, 11, 0);
    for (std::int64_t i = 0; i < rows.n; ++i) rows.at(i, 3) = rows.at(i, 2);
    auto const sparse = fit_linear_regression(world, sparse_set(world, rows));
    auto const dense = fit_linear_regression(world, rows.spread(world));
    expect_near(sparse.model.coefficients, dense.model.coefficients, 1e-7);
    EXPECT_EQ(sparse.summary.warnings, dense.summary.warnings);
}

TEST(WideRows, AreFittedWithoutAMatrix) {
    Communicator const world = Communicator::world();
    // 600 columns, of which 20 are used, are more than a Gram matrix of sparse rows is made for.
    Rows narrow = thin_rows(300, 20, 13, 0);
    Rows wide = narrow;
    wide.d = 600;
    wide.x.assign(static_cast<std::size_t>(wide.n * wide.d), 0.0);
    for (std::int64_t i = 0; i < wide.n; ++i)
        for (std::int64_t j = 0; j < 20; ++j) wide.at(i, 30 * j) = narrow.at(i, j);
    for (double const strength : {0.0, 0.05}) {
        LinearRegressionOptions options;
        options.penalty = {.strength = strength, .l1_share = 0.4};
        options.tolerance = 1e-8;
        auto const fit = fit_linear_regression(world, sparse_set(world, wide, 64), options);
        auto const expected = fit_linear_regression(world, narrow.spread(world), options);
        EXPECT_EQ(fit.summary.method, strength > 0 ? "OWL-QN" : "L-BFGS");
        for (std::size_t j = 0; j < 20; ++j)
            EXPECT_NEAR(fit.model.coefficients[30 * j], expected.model.coefficients[j], 1e-6);
        EXPECT_EQ(fit.model.coefficients[1], 0);
        EXPECT_NEAR(fit.r2, expected.r2, 1e-9);
    }
}

TEST(SparseRows, ArePredictedAsTheRowsWrittenOut) {
    Communicator const self = Communicator::self();
    Rows const rows = thin_rows(90, 4, 17, 3);
    SparseTrainingSet const set = sparse_set(self, rows);
    BatchBuffer buffer;
    std::vector<std::unique_ptr<Predictor>> predictors;
    predictors.push_back(make_predictor(fit_logistic_regression(self, set).model));
    predictors.push_back(make_predictor(fit_linear_regression(self, set).model));
    predictors.push_back(make_predictor(fit_kmeans(self, rows.spread(self)).model));
    for (auto const& predictor : predictors) {
        auto const width =
            static_cast<std::size_t>(std::max<std::int64_t>(1, predictor->classes()));
        std::vector<double> value(90), extra(90 * width), values(90), extras(90 * width);
        predictor->predict({rows.x.data(), 90, 4}, value.data(), extra.data());
        for (std::int64_t b = 0; b < set.blocking().blocks(); ++b) {
            RowRange const block = set.blocking().block(b);
            predictor->predict_sparse(
                set.read(block, buffer).sparse, values.data() + block.first,
                extras.data() + block.first * static_cast<std::int64_t>(width));
        }
        expect_near(values, value, 1e-12);
        expect_near(extras, extra, 1e-12);
    }
}

TEST(SparseRows, AreRefusedByEstimatorsThatDoNotKnowThem) {
    Communicator const world = Communicator::world();
    SparseTrainingSet const set = sparse_set(world, thin_rows(40, 3, 19, 0));
    EXPECT_THAT(test::error_message([&] { fit_kmeans(world, set); }),
                HasSubstr("expected dense rows, got sparse ones"));
    format::LibsvmRows rows;
    rows.width = 7;
    EXPECT_THAT(test::error_message([&] { SparseTrainingSet(world, rows, 5); }),
                HasSubstr("sparse rows: expected at most 5 features, got 7"));
}

}  // namespace
}  // namespace partita::ml::sparse_test
