#include "partita/pipeline/evaluate.hpp"

#include "pipeline/rows_of.hpp"

#include "partita/pipeline/evaluate_binary.hpp"
#include "partita/pipeline/evaluate_ranking.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

class EvaluateBinaryTest : public test::PipelineTest {
  protected:
    /// Columns: class, P(0), P(1).
    BinaryMetrics evaluate(std::vector<double> const& scores, std::vector<double> const& labels,
                           std::int64_t points = 100) {
        auto const n = std::ssize(scores), p = std::int64_t{world_.size()},
                   r = std::int64_t{world_.rank()};
        RowRange const mine{n * r * r / (p * p), n * (r + 1) * (r + 1) / (p * p)};
        std::vector<double> x, y;
        for (std::int64_t i = mine.first; i < mine.last; ++i) {
            double const score = scores[static_cast<std::size_t>(i)];
            x.insert(x.end(), {score > .5 ? 1.0 : 0.0, 1 - score, score});
            y.push_back(labels[static_cast<std::size_t>(i)]);
        }
        ml::DenseTrainingSet const set(world_, {x.data(), mine.size(), 3}, y, {}, 16);
        return evaluate_binary(context_, set, 2, points);
    }
};

/// The share of pairs (positive, negative) that are in the right order, ties half.
double slow_auc(std::vector<double> const& scores, std::vector<double> const& labels) {
    double right = 0, pairs = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)
        for (std::size_t j = 0; j < scores.size(); ++j) {
            if (labels[i] != 1 || labels[j] != 0) continue;
            pairs += 1;
            right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
        }
    return right / pairs;
}

TEST_F(EvaluateBinaryTest, AreasAreThoseOfAllPairs) {
    RandomStream random(3);
    for (std::int64_t const distinct : {1000000, 20, 1}) {
        std::vector<double> scores, labels;
        for (int i = 0; i < 700; ++i) {
            double const score =
                static_cast<double>(random.below(static_cast<std::uint64_t>(distinct))) /
                    static_cast<double>(distinct) -
                .3;
            scores.push_back(score);
            labels.push_back(random.uniform() < score + .3 ? 1 : 0);
        }
        if (distinct == 1) labels[5] = labels[6] = 1;
        BinaryMetrics const m = evaluate(scores, labels);
        EXPECT_NEAR(m.auc_roc, slow_auc(scores, labels), 1e-14) << distinct;
        EXPECT_EQ(m.positives, std::count(labels.begin(), labels.end(), 1.0));
        EXPECT_LE(std::ssize(m.curve), 100);
        EXPECT_EQ(m.curve.back().true_positives, m.positives);
        EXPECT_EQ(m.curve.back().false_positives, m.negatives);
        EXPECT_NEAR(m.binned_auc_roc, m.auc_roc, .01);
    }
}

TEST_F(EvaluateBinaryTest, FiguresOfAKnownExample) {
    // scikit-learn's documentation: roc_auc_score .75, average_precision_score .8333...
    BinaryMetrics const m = evaluate({.1, .4, .35, .8}, {0, 0, 1, 1}, 4);
    EXPECT_DOUBLE_EQ(m.auc_roc, .75);
    EXPECT_DOUBLE_EQ(m.average_precision, 5.0 / 6);
    // From (0, 1): (.5, 1), (.5, .5), (1, 2/3).
    EXPECT_DOUBLE_EQ(m.auc_pr, .5 + .5 * (.5 + 2.0 / 3) / 2);
    EXPECT_DOUBLE_EQ(m.best_f1, .8);
    EXPECT_DOUBLE_EQ(m.best_f1_threshold, .35);
    EXPECT_DOUBLE_EQ(m.kolmogorov_smirnov, .5);
    ASSERT_EQ(m.curve.size(), 4u);
    EXPECT_EQ(m.curve[1].threshold, .4);
    EXPECT_EQ(m.curve[1].false_positives, 1);
    EXPECT_DOUBLE_EQ(m.binned_auc_roc, .75);
}

TEST_F(EvaluateBinaryTest, OfOneClassThereAreNoAreas) {
    BinaryMetrics const m = evaluate({.1, .2, .3}, {1, 1, 1});
    EXPECT_TRUE(std::isnan(m.auc_roc));
    EXPECT_TRUE(std::isnan(m.auc_pr));
    EXPECT_EQ(m.negatives, 0);
}

TEST_F(EvaluateBinaryTest, RankingsAreJudgedQueryByQuery) {
    // a: relevant at ranks 1 and 3 of 3; b: at rank 2 of 2; c: none.
    frame::Table const t =
        table("user,score,hit\na,.9,1\nb,.5,0\na,.1,1\nc,.3,0\na,.4,0\nb,.4,1\n");
    RankingMetrics const m = evaluate_ranking(t, "user", "score", "hit", 2);
    EXPECT_EQ(m.queries, 2);
    EXPECT_EQ(m.without_relevant, 1);
    EXPECT_DOUBLE_EQ(m.mean_average_precision, ((1 + 2.0 / 3) / 2 + .5) / 2);
    EXPECT_DOUBLE_EQ(m.mean_reciprocal_rank, .75);
    EXPECT_DOUBLE_EQ(m.precision, .5);
    EXPECT_DOUBLE_EQ(m.recall, .75);
    double const second = 1 / std::log2(3.0);
    EXPECT_DOUBLE_EQ(m.ndcg, (1 / (1 + second) + second) / 2);
}

}  // namespace
}  // namespace partita::pipeline
