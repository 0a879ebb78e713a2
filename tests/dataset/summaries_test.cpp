#include "dataset/elements.hpp"
#include "support/error_message.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::error_message;
using test::Pair;
using test::pairs;
using test::texts;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(TakeSample, IsExact) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const words = texts(context, 0, 5000, 8);
        for (std::int64_t const n : {0, 1, 100, 5000, 6000}) {
            auto const sample = words.take_sample(false, n, 3);
            EXPECT_EQ(sample.size(), static_cast<std::size_t>(std::min<std::int64_t>(n, 5000)));
            EXPECT_EQ(std::set(sample.begin(), sample.end()).size(), sample.size());
            EXPECT_EQ(words.take_sample(true, n, 3).size(), static_cast<std::size_t>(n));
        }
        EXPECT_EQ(words.take_sample(false, 50, 1),
                  texts(test::roomy(), 0, 5000, 8).take_sample(false, 50, 1));
        EXPECT_NE(words.take_sample(false, 50, 1), words.take_sample(false, 50, 2));
        EXPECT_EQ(words.take_sample(true, 50, 1),
                  texts(test::roomy(), 0, 5000, 8).take_sample(true, 50, 1));
    }
    // Each of 10 elements is as likely: 3 of them, 2,000 times, are 600 for each, sigma about 20.
    auto const ten = range(test::roomy(), 0, 10, 3);
    std::vector<std::int64_t> seen(10), drawn(10);
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        for (auto i : ten.take_sample(false, 3, seed)) ++seen[static_cast<std::size_t>(i)];
        for (auto i : ten.take_sample(true, 3, seed)) ++drawn[static_cast<std::size_t>(i)];
    }
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_NEAR(static_cast<double>(seen[i]), 120, 50);
        EXPECT_NEAR(static_cast<double>(drawn[i]), 120, 55);
    }
    EXPECT_TRUE(range(test::roomy(), 0, 0).take_sample(true, 3, 1).empty());
}

TEST(TreeAggregate, IsAggregateInRounds) {
    for (Context const& context : {test::tight(), test::threaded()})
        for (int const depth : {1, 2, 3, 5})
            for (std::int64_t const partitions : {1, 4, 27, 100}) {
                auto const words = texts(context, 0, 500, partitions);
                auto const join = [](std::string a, std::string const& b) { return a + b; };
                EXPECT_EQ(words.tree_reduce(join, depth), words.reduce(join));
                EXPECT_EQ(words.tree_aggregate(std::string(), join, join, depth),
                          words.reduce(join));
            }
    auto const none = range(test::roomy(), 0, 0, 50);
    EXPECT_EQ(none.tree_aggregate(0, std::plus<>{}, std::plus<>{}), 0);
    EXPECT_THAT(error_message([&] { none.tree_reduce(std::plus<>{}); }),
                HasSubstr("tree_reduce: expected at least one element, got an empty dataset"));
}

TEST(HistogramAction, CountsAsSpark) {
    auto const numbers = range(test::threaded(), 0, 101, 7);
    EXPECT_THAT(numbers.histogram({0, 10, 50, 100}), ElementsAre(10, 40, 51));
    EXPECT_THAT(numbers.histogram({20, 30}), ElementsAre(11));  // 30 itself; others are left out
    Histogram const even = numbers.histogram(4);
    EXPECT_THAT(even.bounds, ElementsAre(0, 25, 50, 75, 100));
    EXPECT_THAT(even.counts, ElementsAre(25, 25, 25, 26));
    auto const same = numbers.map([](auto) { return 2.5; });
    EXPECT_THAT(same.histogram(3).bounds, ElementsAre(2.5, 2.5));
    EXPECT_THAT(same.histogram(3).counts, ElementsAre(101));
    auto const nan = numbers.map([](auto i) { return i % 2 ? std::nan("") : double(i); });
    EXPECT_THAT(nan.histogram({0, 50, 100}), ElementsAre(25, 26));
    EXPECT_THAT(error_message([&] { nan.histogram(3); }), HasSubstr("expected finite elements"));
    EXPECT_THAT(error_message([&] { range(test::roomy(), 0, 0).histogram(3); }),
                HasSubstr("expected finite elements, at least one"));
    EXPECT_EQ(error_message([&] {
                  numbers.histogram({1, 3, 2});
              }),
              "histogram: expected ascending bounds, got 3 before 2");
}

TEST(CountApproxDistinct, IsWithinItsError) {
    Context const context = test::threaded();
    for (std::int64_t const n : {0, 1, 10, 1000, 200000})
        for (double const error : {0.2, 0.05, 0.01}) {
            auto const repeated = range(context, 0, 2 * n).map([n](auto i) { return i % n; });
            auto const found = static_cast<double>(repeated.count_approx_distinct(error));
            EXPECT_NEAR(found, static_cast<double>(n), 3 * error * static_cast<double>(n)) << n;
        }
    EXPECT_NEAR(static_cast<double>(texts(context, 0, 50000, 9).count_approx_distinct()), 50000,
                7500);
    EXPECT_THAT(error_message([&] { range(context, 0, 1).count_approx_distinct(0.5); }),
                HasSubstr("expected a relative error in [0.00026, 0.26], got 0.5"));
}

TEST(TakeOrdered, HoldsLittle) {
    Context const context = test::threaded();
    auto const all = pairs(context, 20000, 50, 11);
    auto const by_key = [](Pair const& a, Pair const& b) { return a.first < b.first; };
    std::vector<Pair> expected = all.collect();
    std::stable_sort(expected.begin(), expected.end(), by_key);
    for (std::size_t const n : {std::size_t{0}, std::size_t{7}, std::size_t{3000}}) {
        EXPECT_EQ(all.take_ordered(static_cast<std::int64_t>(n), by_key),
                  std::vector(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(n)));
    }
}

}  // namespace
}  // namespace partita::dataset
