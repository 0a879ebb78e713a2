#include "partita/pipeline/cross_validate.hpp"

#include "ml/random_rows.hpp"
#include "pipeline/rows_of.hpp"

#include "partita/ml/linear_regression.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

using testing::HasSubstr;

class CrossValidateTest : public test::PipelineTest {};

TEST_F(CrossValidateTest, ScoresAreThoseOfFitsOnTheOtherFolds) {
    test::Rows rows(150, 3, 4);
    auto const set = rows.spread(world_);
    ValidationOptions options;
    options.folds = 3;
    options.seed = 9;
    ParamGrid grid;
    grid.add("penalty", {"0", "0.3"}).add("l1_share", {"0", "1"});
    Validation const found = cross_validate(context_, set, "linear", {}, grid, options);
    ASSERT_EQ(found.points.size(), 4u);
    EXPECT_EQ(found.points[1].to_text(), "penalty=0 l1-share=1");
    EXPECT_EQ(found.metric, "rmse");
    for (std::int64_t f = 0; f < 3; ++f) {
        // Alone, on this rank: the rows of the other folds, then the error on those of this one.
        std::vector<double> x, y;
        for (std::int64_t i = 0; i < 150; ++i) {
            if (fold_of_row(i, 9, options) == f) continue;
            for (std::int64_t j = 0; j < 3; ++j) x.push_back(rows.at(i, j));
            y.push_back(rows.y[static_cast<std::size_t>(i)]);
        }
        Communicator const self = Communicator::self();
        ml::DenseTrainingSet const train(self, {x.data(), std::ssize(y), 3}, y);
        ml::LinearRegressionOptions fit_options;
        fit_options.penalty = {0.3, 1};
        auto const model = ml::fit_linear_regression(self, train, fit_options).model;
        double square = 0, n = 0;
        for (std::int64_t i = 0; i < 150; ++i) {
            if (fold_of_row(i, 9, options) != f) continue;
            double e = rows.y[static_cast<std::size_t>(i)] - model.intercept;
            for (std::size_t j = 0; j < 3; ++j)
                e -= model.coefficients[j] * rows.at(i, static_cast<std::int64_t>(j));
            square += e * e;
            n += 1;
        }
        EXPECT_NEAR(found.scores[3][static_cast<std::size_t>(f)], std::sqrt(square / n), 1e-9);
    }
    EXPECT_EQ(found.best, 0);
    EXPECT_THAT(found.to_text(), HasSubstr("* penalty=0 l1-share=0"));
    // Scaled features, without the shortcut for linear regressions: the same for no penalty.
    options.scale = true;
    Validation const scaled = cross_validate(context_, set, "linear", {}, grid, options);
    EXPECT_NEAR(scaled.mean(0), found.mean(0), 1e-9);
}

TEST_F(CrossValidateTest, ClassesAndClustersAreJudgedByTheirMetrics) {
    test::Rows rows(240, 2, 5);
    rows.classify(2);
    auto const set = rows.spread(world_);
    ValidationOptions options;
    options.metric = "auc";
    options.train_share = 0.7;
    ParamGrid grid;
    grid.add("penalty", {"100000", "0.001"}).add("raw-penalty", {"true"});
    Validation const found = cross_validate(context_, set, "logistic", {}, grid, options);
    EXPECT_EQ(found.folds(), 1);
    EXPECT_GT(found.mean(1), .7);
    options.train_share = 0;
    options.folds = 2;
    options.metric = "silhouette";
    ParamGrid clusters;
    clusters.add("clusters", {"2", "3"});
    Validation const kmeans = cross_validate(context_, set, "kmeans", {}, clusters, options);
    EXPECT_EQ(kmeans.folds(), 2);
    EXPECT_GT(kmeans.mean(0), 0);
}

TEST_F(CrossValidateTest, PointsSideBySideScoreAsEachAlone) {
    test::Rows rows(120, 3, 8);
    rows.classify(2);
    auto const set = rows.spread(world_);
    ValidationOptions options;
    options.folds = 2;
    options.threads = 2;
    for (std::string const kind : {"logistic", "gbt"}) {
        std::string const name = kind == "gbt" ? "rounds" : "penalty";
        std::vector<std::string> const values{"1", "2", "5"};
        LearnerSettings const settings{true, 0, 2};
        Validation const found = cross_validate(context_, set, kind, {},
                                                ParamGrid().add(name, values), options, settings);
        for (std::size_t p = 0; p < values.size(); ++p) {
            Validation const alone = cross_validate(
                context_, set, kind, {}, ParamGrid().add(name, {values[p]}), options, settings);
            EXPECT_EQ(found.scores[p], alone.scores[0]) << kind;
        }
        EXPECT_NE(found.scores[0], found.scores[2]) << kind;
    }
}

TEST_F(CrossValidateTest, WrongSettingsAreRefusedWithASuggestion) {
    test::Rows rows(20, 2, 6);
    auto const set = rows.spread(world_);
    auto const message = [&](std::string const& kind, ParamGrid const& grid,
                             ValidationOptions const& options) {
        return test::error_message([&] { cross_validate(context_, set, kind, {}, grid, options); });
    };
    EXPECT_THAT(message("linaer", {}, {}), HasSubstr("got 'linaer' (did you mean 'linear'?)"));
    EXPECT_THAT(message("linear", ParamGrid().add("penlty", {"1"}), {}),
                HasSubstr("linear: no parameter 'penlty' (did you mean 'penalty'?)"));
    EXPECT_THAT(message("linear", ParamGrid().add("penalty", {"1", "x"}), {}),
                HasSubstr("parameter penalty: expected a number, got 'x'"));
    ValidationOptions options;
    options.metric = "auc";
    EXPECT_THAT(message("linear", {}, options), HasSubstr("got 'auc'"));
    options.metric = "";
    options.folds = 1;
    EXPECT_THAT(message("linear", {}, options), HasSubstr("expected at least 2 folds, got 1"));
    EXPECT_THAT(test::error_message([] { ParamGrid().add_assignment("penalty=1,,2"); }),
                HasSubstr("expected NAME=VALUE,VALUE"));
}

}  // namespace
}  // namespace partita::pipeline
