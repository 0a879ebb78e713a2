#include "partita/ml/naive_bayes.hpp"

#include "ml/random_rows.hpp"
#include "support/error_message.hpp"

#include "partita/ml/predictor.hpp"

#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::ml {
namespace {

using test::Rows;

TEST(NaiveBayes, PredictsTheDefinitionsProbabilitiesForAnyNumberOfRanks) {
    Communicator const world = Communicator::world(), self = Communicator::self();
    Rows rows(300, 3, 113);
    rows.classify(3);
    for (std::int64_t i = 0; i < rows.n; ++i) rows.weights.push_back(static_cast<double>(i % 3));
    for (double& x : rows.x) x += 1e6;
    NaiveBayesOptions options;
    options.classes = 3;
    auto const model = fit_naive_bayes(world, rows.spread(world), options);
    EXPECT_EQ(make_predictor(fit_naive_bayes(self, rows.spread(self), options))->to_json(),
              make_predictor(fit_naive_bayes(world, rows.spread(world), options))->to_json());
    std::vector<double> densities(3, 0.0), probabilities(3);
    double const x[3] = {1e6 + 0.3, 1e6 - 0.2, 1e6 + 0.5};
    double total = 0;
    for (int c = 0; c < 3; ++c) {
        double weight = 0, all = 0, density = 1;
        for (std::size_t i = 0; i < rows.y.size(); ++i)
            all += rows.weights[i], weight += rows.y[i] == c ? rows.weights[i] : 0;
        for (std::int64_t j = 0; j < 3; ++j) {
            double mean = 0, variance = 0;
            for (std::int64_t i = 0; i < rows.n; ++i)
                if (rows.y[static_cast<std::size_t>(i)] == c)
                    mean += rows.weights[static_cast<std::size_t>(i)] * (rows.at(i, j) - 1e6);
            mean = mean / weight + 1e6;
            for (std::int64_t i = 0; i < rows.n; ++i)
                if (rows.y[static_cast<std::size_t>(i)] == c)
                    variance += rows.weights[static_cast<std::size_t>(i)] * (rows.at(i, j) - mean) *
                                (rows.at(i, j) - mean);
            variance /= weight;
            density *= std::exp(-(x[j] - mean) * (x[j] - mean) / (2 * variance)) /
                       std::sqrt(2 * std::numbers::pi * variance);
        }
        total += densities[static_cast<std::size_t>(c)] = density * weight / all;
    }
    model.predict_probabilities(Reals(x, 1, 3), probabilities.data());
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(probabilities[c], densities[c] / total, 1e-7);
}

TEST(NaiveBayes, ComesBackBitForBitAndRefusesBadInput) {
    Communicator const world = Communicator::world();
    Rows rows(50, 2, 127);
    rows.classify(2);
    auto const model = make_predictor(fit_naive_bayes(world, rows.spread(world), {}));
    EXPECT_EQ(read_predictor("naive-bayes", model->to_json())->to_json(), model->to_json());
    rows.y[9] = 2;
    EXPECT_NE(test::error_message([&] {
                  fit_naive_bayes(world, rows.spread(world), {});
              }).find("row 9: expected a class number from 0 to 1 as label, got 2"),
              std::string::npos);
}

}  // namespace
}  // namespace partita::ml
