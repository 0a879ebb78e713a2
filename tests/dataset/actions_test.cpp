#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Action>
std::string message_of(Action action) {
    try {
        action();
    } catch (CollectiveError const& error) {
        return error.what();
    }
    return "no error";
}

TEST(Actions, CountSumAndExtremes) {
    auto const numbers = range(test::threaded(), -10, 101, 9);
    EXPECT_EQ(numbers.count(), 111);
    EXPECT_EQ(numbers.sum(), 5050 - 55);
    EXPECT_EQ(numbers.min(), -10);
    EXPECT_EQ(numbers.max(), 100);
    EXPECT_EQ(numbers.first(), -10);
    EXPECT_EQ(numbers.reduce([](auto a, auto b) { return a * 31 + b; }),
              numbers.coalesce(9).reduce([](auto a, auto b) { return a * 31 + b; }));
    EXPECT_DOUBLE_EQ(numbers.mean(), 45);
    Stats const stats = numbers.stats();
    EXPECT_EQ(stats.count, 111);
    EXPECT_NEAR(stats.variance(), (111.0 * 111.0 - 1) / 12, 1e-9);
    EXPECT_EQ(stats.min, -10);
    EXPECT_EQ(stats.max, 100);
}

TEST(Actions, ReduceKeepsTheOrder) {
    auto const text = range(test::threaded(), 0, 200, 13)
                          .map([](std::int64_t i) { return std::to_string(i); })
                          .reduce([](std::string a, std::string const& b) { return a + b; });
    std::string expected;
    for (int i = 0; i < 200; ++i) expected += std::to_string(i);
    EXPECT_EQ(text, expected);
}

TEST(Actions, AggregateWithAnotherType) {
    auto const lengths =
        range(test::roomy(), 0, 50, 7)
            .aggregate(
                std::vector<std::int64_t>{},
                [](std::vector<std::int64_t> all, std::int64_t i) {
                    all.push_back(i);
                    return all;
                },
                [](std::vector<std::int64_t> a, std::vector<std::int64_t> const& b) {
                    a.insert(a.end(), b.begin(), b.end());
                    return a;
                });
    std::vector<std::int64_t> expected(50);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(lengths, expected);
    EXPECT_EQ(range(test::roomy(), 0, 50).fold(0, std::plus<>{}), 1225);
}

TEST(Actions, SumsOfDoublesDependOnPartitionsAlone) {
    auto const sum = [](Context const& context) {
        return generate(
                   context, 10000, [](std::int64_t i) { return 1.0 / static_cast<double>(i + 1); },
                   8)
            .sum();
    };
    double expected = 0;  // the documented order
    for (std::int64_t p = 0; p < 8; ++p) {
        double part = 0;
        RowRange const rows = share_of(10000, 8, p);
        for (std::int64_t i = rows.first; i < rows.last; ++i)
            part += 1.0 / static_cast<double>(i + 1);
        expected += part;
    }
    EXPECT_EQ(sum(test::roomy()), expected);
    EXPECT_EQ(sum(test::threaded()), expected);
}

TEST(Actions, OfNothing) {
    auto const none = range(test::roomy(), 0, 0, 5);
    EXPECT_EQ(none.count(), 0);
    EXPECT_EQ(none.sum(), 0);
    EXPECT_TRUE(none.is_empty());
    EXPECT_TRUE(none.collect().empty());
    EXPECT_TRUE(none.take(3).empty());
    EXPECT_TRUE(none.top(3).empty());
    EXPECT_EQ(none.fold(0, std::plus<>{}), 0);
    EXPECT_EQ(message_of([&] { none.first(); }),
              "range | first: expected at least one element, got an empty dataset");
    EXPECT_EQ(message_of([&] { none.max(); }),
              "range | reduce: expected at least one element, got an empty dataset");
    EXPECT_EQ(message_of([&] { none.mean(); }),
              "range | mean: expected at least one element, got an empty dataset");
}

TEST(Actions, TakeRunsOnlyWhatItNeeds) {
    auto const numbers = range(test::roomy(), 0, 1000, 50).map([](std::int64_t i) {
        if (i >= 200) throw Error("too far");
        return i;
    });
    EXPECT_THAT(numbers.take(3), ElementsAre(0, 1, 2));
    EXPECT_EQ(numbers.take(25).size(), 25u);
    EXPECT_EQ(range(test::roomy(), 0, 10, 50).take(100).size(), 10u);
    EXPECT_TRUE(numbers.take(0).empty());
}

TEST(Actions, TakeOrderedIsStable) {
    auto const pairs =
        range(test::roomy(), 0, 1000, 7).map([](std::int64_t i) { return std::pair(i % 10, i); });
    auto const by_first = [](auto const& a, auto const& b) { return a.first < b.first; };
    EXPECT_THAT(pairs.take_ordered(3, by_first),
                ElementsAre(std::pair(0, 0), std::pair(0, 10), std::pair(0, 20)));
    EXPECT_THAT(pairs.top(2, by_first), ElementsAre(std::pair(9, 9), std::pair(9, 19)));
    EXPECT_THAT(range(test::roomy(), 0, 5).top(10), ElementsAre(4, 3, 2, 1, 0));
}

TEST(Actions, ForEachVisitsEveryElementOnce) {
    Context const context = test::threaded();
    std::atomic<std::int64_t> sum = 0, partitions = 0;
    range(context, 0, 100, 9).for_each([&](std::int64_t i) { sum += i; });
    range(context, 0, 100, 9)
        .for_each_partition(
            [&](std::int64_t, std::vector<std::int64_t> items) { partitions += !items.empty(); });
    EXPECT_EQ(context.comm().all_reduce(sum.load(), Reduce::sum), 4950);
    EXPECT_EQ(context.comm().all_reduce(partitions.load(), Reduce::sum), 9);
}

TEST(Actions, CollectRefusesWhatDoesNotFit) {
    auto const large = range(test::tight(), 0, 100000, 4);
    EXPECT_THAT(message_of([&] { large.collect(); }),
                HasSubstr("range | collect: expected at most 512 KiB of elements, which is what a "
                          "rank may keep, got 781 KiB"));
}

TEST(Actions, TheLowestFailingPartitionSpeaks) {
    auto const failing =
        range(test::threaded(), 0, 100, 10).map([](std::int64_t i) -> std::int64_t {
            if (i % 10 == 3) fail("no {}", i);
            return i;
        });
    // Alone it speaks for all ranks; with others it says which rank it is.
    EXPECT_THAT(message_of([&] { failing.count(); }),
                testing::MatchesRegex(
                    R"(range \| map \| count: map \(operation 2\): no 3( \(rank 0\).*)?)"));
}

TEST(Actions, AFailureNamesTheOperation) {
    auto const numbers = range(test::roomy(), 0, 1, 1);
    auto const stop = [](std::int64_t i) -> std::int64_t {
        throw Error("bad " + std::to_string(i));
    };
    auto const same = [](std::int64_t i) { return i; };
    auto const said = [](auto const& dataset) { return message_of([&] { dataset.count(); }); };
    EXPECT_THAT(said(numbers.map(same).map(stop).map(same)), HasSubstr("map (operation 3): bad 0"));
    EXPECT_THAT(said(numbers.filter(stop)), HasSubstr("count: filter (operation 2): bad 0"));
    EXPECT_THAT(said(numbers.key_by(stop)), HasSubstr("count: key_by (operation 2): bad 0"));
    EXPECT_THAT(said(numbers.key_by(same).map_values(stop)), HasSubstr("map_values (operation 3)"));
    // What comes after an operation that calls on is not its failure.
    auto const both = numbers.flat_map_into<std::int64_t>([](std::int64_t i, auto&& emit) {
        emit(i);
        emit(i + 1);
    });
    EXPECT_THAT(said(both.map(stop)), HasSubstr("count: map (operation 3): bad 0"));
    EXPECT_THAT(both.take(1), ElementsAre(0));
    EXPECT_THAT(message_of([&] { both.for_each([](std::int64_t) { throw Error("each"); }); }),
                HasSubstr("range | flat_map | for_each: each"));
}

}  // namespace
}  // namespace partita::dataset
