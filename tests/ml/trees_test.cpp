#include "partita/ml/trees.hpp"

#include "ml/slow_tree.hpp"
#include "ml/trees/bin_edges.hpp"
#include "support/error_message.hpp"

#include "partita/ml/predictor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml {
namespace {

using test::Rows;
using test::SlowTree;
using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(TreeFit const& fit) { return make_predictor(fit.model)->to_json(); }

std::vector<double> predictions(TreeEnsemble const& model, Rows const& rows) {
    std::vector<double> out(
        static_cast<std::size_t>(rows.n * std::max<std::int64_t>(1, model.classes)));
    model.predict(Reals(rows.x.data(), rows.n, rows.d), out.data());
    return out;
}

/// Values on a coarse grid, so that many are equal.
Rows coarse_rows(std::int64_t n, std::int64_t d, std::uint64_t seed, int classes) {
    Rows rows(n, d, seed);
    for (double& x : rows.x) x = std::floor(x * 8) / 4;
    if (classes > 0) rows.classify(classes);
    return rows;
}

TEST(BinEdges, LieBetweenAllValuesOrCutThemIntoEvenParts) {
    std::vector<double> const few = {1, 1, 2, 2, 2, 5};
    EXPECT_THAT(edges_between(few, 3), ElementsAre(1.5, 3.5));
    EXPECT_THAT(edges_between(few, 2), ElementsAre(1.5));
    EXPECT_TRUE(edges_between(std::vector<double>{4, 4}, 255).empty());
    EXPECT_TRUE(edges_between({}, 255).empty());
    std::vector<double> many;
    for (int i = 0; i < 1000; ++i) many.push_back(i < 500 ? 0 : i);
    std::vector<double> const edges = edges_between(many, 11);
    ASSERT_EQ(edges.size(), 10u);  // the half that is one value takes one bin
    for (std::size_t i = 0; i < edges.size(); ++i) {
        std::int64_t const bin = BinEdges::bin_of(edges, edges[i]);
        EXPECT_EQ(bin, static_cast<std::int64_t>(i));
        EXPECT_EQ(BinEdges::bin_of(edges, std::nextafter(edges[i], 1e9)), bin + 1);
        if (i > 1) {
            EXPECT_NEAR(edges[i] - edges[i - 1], 50, 3);
        }
    }
}

class GrownTrees : public testing::TestWithParam<int> {};

TEST_P(GrownTrees, AreThoseOfTheDefinition) {
    int const classes = GetParam();
    Communicator const world = Communicator::world();
    for (bool const weighted : {false, true}) {
        Rows rows = coarse_rows(150, 3, 71, classes);
        if (weighted)
            for (std::int64_t i = 0; i < rows.n; ++i)
                rows.weights.push_back(0.5 + static_cast<double>(i % 3));
        SlowTree const slow(rows, classes, 4, 3);
        TreeOptions options;
        options.classes = classes;
        options.max_depth = 4;
        options.min_leaf_rows = 3;
        auto const fit = fit_tree(world, rows.spread(world), options);
        EXPECT_EQ(fit.model.trees[0].leaves(), slow.leaves());
        std::vector<double> const out = predictions(fit.model, rows);
        auto const width = static_cast<std::size_t>(std::max(1, classes));
        for (std::int64_t i = 0; i < rows.n; ++i) {
            std::vector<double> const expected = slow.predict(i);
            for (std::size_t c = 0; c < width; ++c)
                EXPECT_NEAR(out[static_cast<std::size_t>(i) * width + c], expected[c], 1e-6);
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Classes, GrownTrees, testing::Values(0, 2, 4));

TEST(Trees, AreTheSameBitsForAnyRanksThreadsAndRoomForHistograms) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    for (int const classes : {0, 2, 3}) {
        Rows const rows = coarse_rows(300, 5, 73, classes);
        ForestOptions forest;
        forest.classes = classes;
        forest.trees = 2;
        forest.max_depth = 4;
        forest.threads = 1;
        std::string const expected = text_of(fit_forest(self, rows.spread(self), forest));
        forest.histogram_bytes = 1;  // a node at a time
        forest.threads = classes == 2 ? 3 : 1;
        EXPECT_EQ(text_of(fit_forest(world, rows.spread(world), forest)), expected);
        BoostingOptions boosting;
        boosting.classes = classes;
        boosting.rounds = 2;
        boosting.max_depth = 4;
        boosting.threads = 1;
        boosting.min_leaf_rows = 2;
        boosting.subsample = 0.7;
        TreeFit const boosted = fit_boosted_trees(self, rows.spread(self), boosting);
        boosting.threads = classes == 2 ? 2 : 1;
        TreeFit const spread = fit_boosted_trees(world, rows.spread(world), boosting);
        EXPECT_EQ(text_of(spread), text_of(boosted));
        EXPECT_EQ(spread.loss_history, boosted.loss_history);
        boosting.threads = 1;
        boosting.histogram_bytes = 20'000;  // not all levels have room
        EXPECT_EQ(text_of(fit_boosted_trees(self, rows.spread(self), boosting)), text_of(boosted));
    }
}

TEST(Forest, DrawsOtherRowsForEachTreeAndLearns) {
    Communicator const world = Communicator::world();
    Rows const rows = coarse_rows(800, 4, 79, 2);
    ForestOptions options;
    options.classes = 2;
    options.trees = 10;
    options.max_depth = 4;
    TreeFit const fit = fit_forest(world, rows.spread(world), options);
    ASSERT_EQ(fit.model.trees.size(), 10u);
    EXPECT_NE(fit.model.trees[0].values, fit.model.trees[1].values);
    std::vector<double> const out = predictions(fit.model, rows);
    int right = 0;
    for (std::int64_t i = 0; i < rows.n; ++i) {
        auto const at = static_cast<std::size_t>(2 * i);
        EXPECT_NEAR(out[at] + out[at + 1], 1, 1e-12);
        right += (out[at + 1] > 0.5) == (rows.y[static_cast<std::size_t>(i)] == 1);
    }
    EXPECT_GT(right, 640);
    double sum = 0;
    for (double const share : fit.model.importances) sum += share;
    EXPECT_NEAR(sum, 1, 1e-12);
    // Features 0, 1, 2 enter the labels with factors -1, 0, 1; feature 3 with -1.
    EXPECT_LT(fit.model.importances[1], fit.model.importances[0] / 3);
}

/// Boosting of the squared error by hand: each round a tree on the residuals.
TEST(Boosting, OfSquaredErrorAddsTreesOnResiduals) {
    Communicator const world = Communicator::world();
    Rows rows = coarse_rows(120, 3, 83, 0);
    BoostingOptions options;
    options.rounds = 3;
    options.learning_rate = 0.3;
    options.max_depth = 2;
    options.min_leaf_rows = 4;
    TreeFit const fit = fit_boosted_trees(world, rows.spread(world), options);
    double mean = 0;
    for (double const y : rows.y) mean += y / static_cast<double>(rows.n);
    std::vector<double> scores(rows.y.size(), mean);
    std::vector<double> const labels = rows.y;
    for (int round = 0; round < 3; ++round) {
        double loss = 0;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            rows.y[i] = labels[i] - scores[i];
            loss += rows.y[i] * rows.y[i] / 2;
        }
        EXPECT_NEAR(fit.loss_history[static_cast<std::size_t>(round)], loss / 120, 1e-8);
        SlowTree const tree(rows, 0, 2, 4);
        for (std::int64_t i = 0; i < rows.n; ++i)
            scores[static_cast<std::size_t>(i)] += 0.3 * tree.predict(i)[0];
    }
    std::vector<double> const out = predictions(fit.model, rows);
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], scores[i], 1e-6);
}

/// One round on two classes: leaves are Newton steps from the log odds.
TEST(Boosting, OfTwoClassesTakesNewtonSteps) {
    Communicator const world = Communicator::world();
    Rows rows(60, 1, 89);
    for (std::int64_t i = 0; i < 60; ++i) {
        rows.at(i, 0) = i < 40 ? 1 : 2;
        rows.y[static_cast<std::size_t>(i)] = i < 40 ? i % 4 == 0 : i % 2 == 0;
    }
    BoostingOptions options;
    options.classes = 2;
    options.rounds = 1;
    options.learning_rate = 0.5;
    options.l2 = 1;
    TreeFit const fit = fit_boosted_trees(world, rows.spread(world), options);
    double const p = 20.0 / 60, curvature = p * (1 - p);
    EXPECT_NEAR(fit.model.base[0], std::log(p / (1 - p)), 1e-14);
    ASSERT_EQ(fit.model.trees[0].values.size(), 2u);
    EXPECT_EQ(fit.model.trees[0].nodes[0].threshold, 1.5);
    auto const step = [&](double x) {
        return fit.model.trees[0].values[static_cast<std::size_t>(fit.model.trees[0].leaf_of(&x))];
    };
    EXPECT_NEAR(step(1), 0.5 * (10 - 40 * p) / (40 * curvature + 1), 1e-7);
    EXPECT_NEAR(step(2), 0.5 * (10 - 20 * p) / (20 * curvature + 1), 1e-7);
    std::vector<double> const out = predictions(fit.model, rows);
    double const score = fit.model.base[0] + step(2);
    EXPECT_NEAR(out[2 * 59 + 1], 1 / (1 + std::exp(-score)), 1e-14);
    EXPECT_LT(fit.loss_history[1], fit.loss_history[0]);
}

TEST(Boosting, OfManyClassesLowersTheLossAndPredictsProbabilities) {
    Communicator const world = Communicator::world();
    Rows const rows = coarse_rows(400, 3, 97, 4);
    BoostingOptions options;
    options.classes = 4;
    options.rounds = 5;
    options.max_depth = 3;
    TreeFit const fit = fit_boosted_trees(world, rows.spread(world), options);
    EXPECT_EQ(fit.model.trees.size(), 20u);
    for (std::size_t r = 1; r < fit.loss_history.size(); ++r)
        EXPECT_LT(fit.loss_history[r], fit.loss_history[r - 1]);
    std::vector<double> const out = predictions(fit.model, rows);
    double loss = 0;
    for (std::int64_t i = 0; i < rows.n; ++i)
        loss -= std::log(out[static_cast<std::size_t>(4 * i) +
                             static_cast<std::size_t>(rows.y[static_cast<std::size_t>(i)])]);
    EXPECT_NEAR(loss / 400, fit.loss_history.back(), 1e-9);
}

TEST(Trees, TakeUnusualInputForWhatItIs) {
    Communicator const world = Communicator::world();
    Rows one_label(40, 2, 101);
    for (double& y : one_label.y) y = 1;
    TreeOptions options;
    options.classes = 2;
    TreeFit const constant = fit_tree(world, one_label.spread(world), options);
    EXPECT_THAT(constant.model.trees[0].values, ElementsAre(0, 1));
    BoostingOptions boosting;
    boosting.classes = 2;
    TreeFit const stopped = fit_boosted_trees(world, one_label.spread(world), boosting);
    EXPECT_TRUE(stopped.model.trees.empty());
    EXPECT_THAT(stopped.warnings, ElementsAre("no split gains anything after 0 rounds: stopped"));
    // Fewer rows than ranks, a constant column, and one twice: ties go to the first.
    Rows few(5, 3, 103);
    few.x = {7, 1, 1, 7, 2, 2, 7, 3, 3, 7, 4, 4, 7, 5, 5};
    few.y = {0, 0, 0, 9, 9};
    options.classes = 0;
    TreeFit const split = fit_tree(world, few.spread(world), options);
    EXPECT_THAT(split.model.importances, ElementsAre(0, 1, 0));
    EXPECT_EQ(split.model.trees[0].nodes[0].threshold, 3.5);
    options.max_depth = 0;
    EXPECT_EQ(fit_tree(world, few.spread(world), options).model.trees[0].leaves(), 1);
    // Offsets do not disturb: the bins are the same.
    Rows far = few;
    for (double& x : far.x) x += 1e9;
    options.max_depth = 5;
    EXPECT_EQ(fit_tree(world, far.spread(world), options).model.trees[0].nodes[0].threshold,
              1e9 + 3.5);
}

TEST(Trees, RefuseWhatTheyCannotLearnFrom) {
    Communicator const world = Communicator::world();
    Rows rows(30, 2, 107);
    rows.classify(3);
    rows.y[17] = 0.5;
    TreeOptions options;
    options.classes = 3;
    EXPECT_THAT(test::error_message([&] { fit_tree(world, rows.spread(world), options); }),
                HasSubstr("row 17: expected a class number from 0 to 2 as label, got 0.5"));
    options.max_depth = 31;
    EXPECT_THAT(test::error_message([&] { fit_tree(world, rows.spread(world), options); }),
                HasSubstr("expected a depth of 0 to 30, got 31"));
}

TEST(TreePredictors, ComeBackBitForBitAndRefuseDamage) {
    Communicator const self = Communicator::self();
    Rows const rows = coarse_rows(200, 3, 109, 3);
    BoostingOptions options;
    options.classes = 3;
    options.rounds = 2;
    auto const fit = fit_boosted_trees(self, rows.spread(self), options);
    std::string const text = text_of(fit);
    EXPECT_EQ(read_predictor("gbt", text)->to_json(), text);
    std::string damaged = text;
    damaged.replace(damaged.find("\"child\":[1"), 10, "\"child\":[0");
    EXPECT_THAT(test::error_message([&] { read_predictor("gbt", damaged); }),
                HasSubstr("tree 0, node 0: expected a child after it that exists, got 0"));
    damaged = text;
    damaged.replace(damaged.find("\"base\":["), 8, "\"base\":[1,");
    EXPECT_THAT(test::error_message([&] { read_predictor("gbt", damaged); }),
                HasSubstr("'base': expected 3 numbers, got 4"));
}

}  // namespace
}  // namespace partita::ml
