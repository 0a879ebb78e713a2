#include "dataset/elements.hpp"

#include "partita/dataset/sources.hpp"

#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::gathered;
using test::Pair;
using test::pair_at;
using test::pairs;
using test::sorted;
using testing::HasSubstr;

std::vector<Pair> sums_oracle(std::int64_t n, std::int64_t keys) {
    std::map<std::int64_t, std::int64_t> sums;
    for (std::int64_t i = 0; i < n; ++i) {
        auto const [key, value] = pair_at(i, keys);
        sums[key] += value;
    }
    return {sums.begin(), sums.end()};
}

TEST(ReduceByKey, EqualsAMapForAnyNumberOfPartitions) {
    for (std::int64_t const partitions : {1, 2, 5, 64, 1000})
        for (std::int64_t const keys : {1, 10, 5000, 1000000})
            EXPECT_EQ(sorted(pairs(test::roomy(), 20000, keys, partitions)
                                 .reduce_by_key(std::plus<>{}, partitions)
                                 .collect()),
                      sums_oracle(20000, keys))
                << partitions << " partitions, " << keys << " keys";
}

TEST(ReduceByKey, OfNothingIsNothing) {
    EXPECT_TRUE(pairs(test::roomy(), 0, 1).reduce_by_key(std::plus<>{}).collect().empty());
}

/// The order of a result does not depend on memory, threads or (with the fixed expectation below)
/// ranks.
TEST(ReduceByKey, GivesTheSameOrderWhateverTheMemoryAndThreads) {
    auto const run = [](Context const& context) {
        return gathered(pairs(context, 100000, 30000, 8).reduce_by_key(std::plus<>{}, 3));
    };
    auto const expected = run(test::roomy());
    EXPECT_EQ(run(test::least()), expected);
    EXPECT_EQ(run(test::threaded()), expected);
    // First appearance, partition by partition.
    std::vector<std::vector<std::int64_t>> keys(3);
    std::map<std::int64_t, bool> seen;
    for (std::int64_t i = 0; i < 100000; ++i) {
        std::int64_t const key = pair_at(i, 30000).first;
        if (std::exchange(seen[key], true)) continue;
        keys[static_cast<std::size_t>(HashPartitioner(3).partition_of(key))].push_back(key);
    }
    std::vector<std::int64_t> order;
    for (auto const& part : keys) order.insert(order.end(), part.begin(), part.end());
    std::vector<std::int64_t> found;
    for (auto const& [key, value] : expected) found.push_back(key);
    EXPECT_EQ(found, order);
}

/// Words of 0 to 40 letters; few are frequent.
std::string word_at(std::int64_t i) {
    auto const [key, value] = pair_at(i, i % 3 == 0 ? 50 : 10000);
    return std::string(static_cast<std::size_t>(key % 23), 'w') + (key % 23 == 0 ? "" : ".") +
           (key == 0 ? "" : std::to_string(key));
}

TEST(ReduceByKey, OfTextEqualsAMapWhateverTheMemoryAndThreads) {
    std::map<std::string, std::int64_t> expected;
    for (std::int64_t i = 0; i < 40000; ++i) ++expected[word_at(i)];
    std::vector<std::pair<std::string, std::int64_t>> first;
    for (Context const& context :
         {test::roomy(), test::least(), test::compressing(), test::threaded()}) {
        std::string kept;  // words are views of what changes with the next one
        auto const counts =
            gathered(generate(
                         context, 40000, [](std::int64_t i) { return i; }, 7)
                         .map([kept](std::int64_t i) mutable {
                             kept = word_at(i);
                             return std::pair(std::string_view(kept), std::int64_t{1});
                         })
                         .reduce_by_key(std::plus<>{}, 5));
        if (first.empty()) first = counts;
        EXPECT_EQ(counts, first);
    }
    EXPECT_EQ((std::map<std::string, std::int64_t>(first.begin(), first.end())), expected);
    EXPECT_EQ(first.size(), expected.size());
}

TEST(ReduceByKey, SpillsWithinATightBudget) {
    Context const context = test::least();
    EXPECT_EQ(
        sorted(pairs(context, 400000, 100000, 4).reduce_by_key(std::plus<>{}, 1).collect_local()),
        context.comm().is_root() ? sums_oracle(400000, 100000) : std::vector<Pair>{});
    std::int64_t const spilled =
        context.comm().all_reduce(context.traffic().bytes_spilled, Reduce::max);
    EXPECT_GT(spilled, 100000) << "the budget was not reached";
}

TEST(ReduceByKey, FoldsInOrderSoThatFunctionsNeedNotCommute) {
    auto const text = [](Context const& context) {
        return generate(
                   context, 3000,
                   [](std::int64_t i) {
                       return std::pair(std::to_string(i % 7), std::to_string(i) + ",");
                   },
                   11)
            .reduce_by_key(std::plus<>{}, 4)
            .collect();
    };
    std::map<std::string, std::string> expected;
    for (int i = 0; i < 3000; ++i) expected[std::to_string(i % 7)] += std::to_string(i) + ",";
    std::vector<std::pair<std::string, std::string>> const all(expected.begin(), expected.end());
    EXPECT_EQ(sorted(text(test::roomy())), all);
    EXPECT_EQ(sorted(text(test::least())), all);
}

TEST(ReduceByKey, OfFloatingPointNumbersIsTheSameForAnyThreadsAndMemory) {
    auto const run = [](Context const& context) {
        return pairs(context, 50000, 200, 16)
            .map_values([](std::int64_t v) { return 1.0 / static_cast<double>(v + 1); })
            .reduce_by_key(std::plus<>{}, 5)
            .collect();
    };
    auto const expected = run(test::roomy());
    EXPECT_EQ(run(test::threaded()), expected);
    EXPECT_EQ(run(test::least()), expected);
}

TEST(ReduceByKey, TakesViewsAsKeys) {
    static std::string const text = "the quick brown fox jumps over the lazy dog the end";
    auto words = generate(test::roomy(), 100, [](std::int64_t) {
                     return 0;
                 }).flat_map_into<std::string_view>([](int, auto&& emit) {
        for (std::size_t start = 0; start < text.size();) {
            std::size_t const end = std::min(text.find(' ', start), text.size());
            emit(std::string_view(text).substr(start, end - start));
            start = end + 1;
        }
    });
    auto const counts = words.map([](std::string_view word) { return std::pair(word, 1); })
                            .reduce_by_key(std::plus<>{})
                            .collect();
    std::map<std::string, int> const found(counts.begin(), counts.end());
    EXPECT_EQ(found.size(), 9u);
    EXPECT_EQ(found.at("the"), 300);
    EXPECT_EQ(found.at("end"), 100);
}

TEST(AggregateByKey, MakesMeans) {
    auto const means = pairs(test::roomy(), 10000, 10)
                           .aggregate_by_key(
                               Stats{},
                               [](Stats stats, std::int64_t value) {
                                   stats.add(static_cast<double>(value));
                                   return stats;
                               },
                               [](Stats a, Stats const& b) {
                                   a.merge(b);
                                   return a;
                               })
                           .map_values([](Stats const& stats) { return stats.mean; })
                           .collect();
    EXPECT_EQ(means.size(), 10u);
    std::map<std::int64_t, std::vector<double>> values;
    for (std::int64_t i = 0; i < 10000; ++i)
        values[pair_at(i, 10).first].push_back(static_cast<double>(pair_at(i, 10).second));
    for (auto const& [key, mean] : means) {
        auto const& all = values[key];
        EXPECT_NEAR(mean,
                    std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size()),
                    1e-9);
    }
}

TEST(CombineByKey, GathersLists) {
    auto const run = [](Context const& context) {
        return pairs(context, 5000, 50, 9)
            .combine_by_key([](std::int64_t v) { return std::vector{v}; },
                            [](std::vector<std::int64_t> all, std::int64_t v) {
                                all.push_back(v);
                                return all;
                            },
                            [](std::vector<std::int64_t> a, std::vector<std::int64_t> const& b) {
                                a.insert(a.end(), b.begin(), b.end());
                                return a;
                            },
                            6)
            .collect();
    };
    std::map<std::int64_t, std::vector<std::int64_t>> lists;
    for (std::int64_t i = 0; i < 5000; ++i)
        lists[pair_at(i, 50).first].push_back(pair_at(i, 50).second);
    using Lists = std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>>;
    EXPECT_EQ(sorted(run(test::roomy())), Lists(lists.begin(), lists.end()));
    EXPECT_EQ(sorted(run(test::least())), Lists(lists.begin(), lists.end()));
}

TEST(ReduceByKey, OfPlacedPairsExchangesNothing) {
    Context const context = test::roomy();
    auto const placed = pairs(context, 20000, 300).partition_by(HashPartitioner(8));
    EXPECT_EQ(placed.count(), 20000);
    std::int64_t const sent = context.traffic().bytes_sent;
    auto const sums = placed.filter([](Pair const& p) { return p.first >= 0; })
                          .map_values([](std::int64_t v) { return v; })
                          .reduce_by_key(std::plus<>{});
    auto const found = sums.collect();
    EXPECT_EQ(sorted(found), sums_oracle(20000, 300));
    auto const again = sums.reduce_by_key(std::plus<>{}, HashPartitioner(8)).collect();
    EXPECT_EQ(again, found);
    EXPECT_EQ(context.traffic().bytes_sent, sent);
    EXPECT_EQ(sums.placement().describe(), "hash(8)");
}

struct EvenOdd {
    std::int64_t num_partitions() const { return 2; }
    std::int64_t partition_of(std::int64_t key) const { return key % 2; }
    friend bool operator==(EvenOdd, EvenOdd) = default;
};

TEST(PartitionBy, TakesACustomPartitionerAndKeepsTheOrder) {
    auto const parts = pairs(test::roomy(), 1000, 100, 7).partition_by(EvenOdd{}).glom().collect();
    std::vector<std::vector<Pair>> expected(2);
    for (std::int64_t i = 0; i < 1000; ++i)
        expected[static_cast<std::size_t>(pair_at(i, 100).first % 2)].push_back(pair_at(i, 100));
    EXPECT_EQ(parts, expected);
}

struct Wrong : EvenOdd {
    std::int64_t partition_of(std::int64_t) const { return 2; }
    friend bool operator==(Wrong, Wrong) = default;
};

TEST(PartitionBy, RefusesPartitionsThatAreNone) {
    auto const data = pairs(test::roomy(), 10, 10).partition_by(Wrong{});
    try {
        data.count();
        ADD_FAILURE() << "expected an error";
    } catch (CollectiveError const& error) {
        EXPECT_THAT(error.what(), HasSubstr("generate | partition_by: partitioner: expected a "
                                            "partition in [0, 2), got 2"));
    }
}

TEST(ReduceByKey, AThrowOnOneRankIsTheSameErrorOnAll) {
    Context const context = test::threaded();
    auto const sums = range(context, 0, 1000)
                          .map([](std::int64_t i) {
                              if (i == 999) throw Error("bad value 999");
                              return Pair(i, i);
                          })
                          .reduce_by_key(std::plus<>{});
    std::string message;
    try {
        sums.collect();
    } catch (CollectiveError const& error) {
        message = error.what();
    }
    EXPECT_THAT(message,
                HasSubstr("range | map | reduce_by_key: map (operation 2): bad value 999"));
    for (std::string const& other : context.comm().all_gather_text(message))
        EXPECT_EQ(other, message);
}

}  // namespace
}  // namespace partita::dataset
