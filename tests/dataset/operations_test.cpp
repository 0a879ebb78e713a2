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
using test::pair_at;
using test::pairs;
using test::sorted;
using test::texts;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<std::int64_t>;

TEST(Coalesce, IsFusedAndSendsOnlyWhatMustMove) {
    Context const context = test::roomy();
    auto const numbers = range(context, 0, 1000, 24);
    for (std::int64_t const after : {1, 2, 3, 5, 7, 12, 24, 100}) {
        auto const fewer = numbers.coalesce(after);
        EXPECT_EQ(fewer.num_partitions(), std::min<std::int64_t>(after, 24));
        EXPECT_EQ(fewer.collect(), numbers.collect()) << after;
        EXPECT_EQ(fewer.map([](auto i) { return i; }).count(), 1000);
    }
    std::int64_t const before = context.traffic().bytes_sent;
    int const ranks = context.comm().size();
    EXPECT_EQ(range(context, 0, 500 * ranks, 6 * ranks).coalesce(2 * ranks).count(), 500 * ranks);
    EXPECT_EQ(context.traffic().bytes_sent, before);
    auto const of_union = texts(context, 0, 50, 5).union_with(texts(context, 50, 90, 9));
    EXPECT_EQ(of_union.coalesce(14).collect(), of_union.collect());
    EXPECT_EQ(of_union.coalesce(4).collect(), texts(context, 0, 90, 3).collect());
}

TEST(Zip, PairsWhatIsAtTheSamePlace) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const left = range(context, 0, 50000, 6);
        auto const right = texts(context, 0, 50000, 6);
        auto const zipped = left.zip(right).filter(
            [](auto const& pair) { return std::to_string(pair.first) == pair.second; });
        EXPECT_EQ(zipped.count(), 50000);
        EXPECT_THAT(zipped.take(2), ElementsAre(std::pair(0, "0"), std::pair(1, "1")));
    }
    Context const context = test::roomy();
    auto const parts = range(context, 0, 40, 4).union_with(range(context, 40, 70, 3));
    auto const ids = parts.zip(range(context, 0, 70, 7)).collect();
    EXPECT_EQ(ids.size(), 70u);
    for (auto const& [a, b] : ids) EXPECT_EQ(a, b);
}

TEST(Zip, RefusesOtherSizes) {
    Context const context = test::roomy();
    auto const numbers = range(context, 0, 100, 5);
    EXPECT_EQ(error_message([&] { numbers.zip(range(context, 0, 100, 6)); }),
              "zip: expected datasets with equally many partitions, got 5 and 6");
    EXPECT_THAT(error_message([&] { numbers.zip(range(context, 0, 99, 5)).count(); }),
                HasSubstr("zip: expected as many elements on both sides, got 20 and 19 in "
                          "partition 4"));
    EXPECT_THAT(error_message([&] { range(context, 0, 99, 5).zip(numbers).count(); }),
                HasSubstr("got 19 and 20 in partition 4"));
}

TEST(Cartesian, MeetsAllWithAll) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const left = texts(context, 0, 60, 5);
        for (std::int64_t const n : {0, 1, 30}) {
            auto const right = range(context, 0, n, 3).union_with(range(context, n, n + 2, 2));
            std::vector<std::pair<std::string, std::int64_t>> expected;
            for (std::int64_t a = 0; a < 60; ++a)
                for (std::int64_t b = 0; b < n + 2; ++b)
                    expected.emplace_back(std::to_string(a), b);
            EXPECT_EQ(sorted(left.cartesian(right).collect()), sorted(expected));
        }
    }
}

/// The other side exceeds memory, and both have several blocks: the order is that of one rank.
TEST(Cartesian, KeepsItsOrderWhateverTheMemory) {
    auto const checksum = [](Context const& context) {
        auto const wide = range(context, 0, 300, 3).map([](std::int64_t i) {
            return std::string(5000, static_cast<char>('a' + i % 26)) + std::to_string(i);
        });
        return range(context, 0, 40, 4)
            .map([](std::int64_t i) { return std::string(4000, 'x') + std::to_string(i); })
            .cartesian(wide)
            .map([](auto const& both) { return hash_bytes(both.first + both.second); })
            .reduce([](std::uint64_t a, std::uint64_t b) { return combine_hashes(a, b); });
    };
    Context const alone = [] {
        Options options;
        options.memory_bytes = 64 << 20;
        return Context(Communicator::self(), options);
    }();
    auto const expected = checksum(alone);
    EXPECT_EQ(checksum(test::tight()), expected);
    EXPECT_EQ(checksum(test::threaded()), expected);
}

TEST(SetOperations, AreSparks) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const left = range(context, 0, 30000).map([](std::int64_t i) { return i % 9000; });
        auto const right =
            range(context, 0, 20000).map([](std::int64_t i) { return i % 4000 * 2; });
        Numbers both, alone;
        for (std::int64_t i = 0; i < 8000; i += 2) both.push_back(i);
        for (std::int64_t i = 0; i < 30000; ++i)
            if (i % 9000 >= 8000 || i % 9000 % 2 == 1) alone.push_back(i % 9000);
        EXPECT_EQ(left.intersection(right).sort().collect(), both);
        EXPECT_EQ(left.subtract(right).sort().collect(), sorted(alone));
        EXPECT_EQ(left.intersection(range(context, 0, 0)).count(), 0);
        EXPECT_EQ(left.subtract(range(context, 0, 0)).count(), 30000);
    }
    Context const context = test::roomy();
    EXPECT_EQ(sorted(texts(context, 0, 9, 2).intersection(texts(context, 5, 20, 3)).collect()),
              (std::vector<std::string>{"5", "6", "7", "8"}));
}

TEST(GroupBy, CollectsWhatHasTheSameValue) {
    auto const groups = sorted(
        range(test::roomy(), 0, 30, 4).group_by([](std::int64_t i) { return i % 3; }, 5).collect());
    ASSERT_EQ(groups.size(), 3u);
    for (std::int64_t k = 0; k < 3; ++k) {
        auto const& [key, values] = groups[static_cast<std::size_t>(k)];
        EXPECT_EQ(key, k);
        EXPECT_EQ(values, (Numbers{k, k + 3, k + 6, k + 9, k + 12, k + 15, k + 18, k + 21, k + 24,
                                   k + 27}));
    }
}

using Three = std::tuple<Numbers, std::vector<std::string>, Numbers>;

TEST(Cogroup, OfThreeGivesEachItsValues) {
    std::map<std::int64_t, Three> expected;
    for (std::int64_t i = 0; i < 3000; ++i) std::get<0>(expected[i % 10]).push_back(i);
    for (std::int64_t i = 0; i < 2000; ++i)
        std::get<1>(expected[5 + i % 10]).push_back(std::to_string(i));
    for (std::int64_t i = 0; i < 100; ++i) std::get<2>(expected[7 + i % 10]).push_back(-i);
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const a = range(context, 0, 3000, 5).map([](auto i) { return std::pair(i % 10, i); });
        auto const b = range(context, 0, 2000, 7).map([](auto i) {
            return std::pair(5 + i % 10, std::to_string(i));
        });
        auto const c =
            range(context, 0, 100, 2).map([](auto i) { return std::pair(7 + i % 10, -i); });
        auto const groups = a.cogroup(b, c);
        std::vector<std::pair<std::int64_t, Three>> all(expected.begin(), expected.end());
        EXPECT_EQ(sorted(groups.collect()), all);
        // Sides may be left out, and streams need not be read to their ends.
        auto const first = groups
                               .map([](auto const& group) {
                                   auto last = group.template values<2>();
                                   auto const it = last.begin();
                                   return std::pair(group.key, it == last.end() ? 1 : *it);
                               })
                               .collect_as_map();
        EXPECT_EQ(first.size(), expected.size());
        for (auto const& [key, value] : first) {
            Numbers const& of_key = std::get<2>(expected[key]);
            EXPECT_EQ(value, of_key.empty() ? 1 : of_key.front());
        }
    }
}

/// All of one key's values are on one side, and exceed memory.
TEST(Cogroup, StreamsAHeavyKey) {
    Context const context = test::tight();
    auto const heavy =
        range(context, 0, 200000, 6).map([](auto i) { return std::pair(i % 10 / 9, i); });
    auto const sums = heavy.cogroup(heavy.filter([](auto const& p) { return p.second < 10; }))
                          .map([](auto const& group) {
                              std::int64_t sum = 0, few = 0;
                              for (std::int64_t value : group.template values<0>()) sum += value;
                              for (std::int64_t value : group.template values<1>()) few += value;
                              return std::tuple(group.key, sum, few);
                          })
                          .collect();
    std::int64_t const ones = 9 * 20000 + 10 * (std::int64_t{19999} * 20000 / 2);
    EXPECT_EQ(sorted(sums), (std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>>{
                                {0, std::int64_t{199999} * 100000 - ones, 36}, {1, ones, 9}}));
}

TEST(RepartitionAndSort, SortsEachPartitionOnce) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        auto const placed = pairs(context, 30000, 500, 6)
                                .repartition_and_sort_within_partitions(HashPartitioner(5));
        EXPECT_EQ(placed.placement(), pairs(context, 1, 1, 1).partition_by(5).placement());
        auto const parts = placed.glom().collect();
        std::map<std::int64_t, std::vector<Pair>> expected;
        for (std::int64_t i = 0; i < 30000; ++i) {
            Pair const pair = pair_at(i, 500);
            expected[HashPartitioner(5).partition_of(pair.first)].push_back(pair);
        }
        for (auto& [partition, items] : expected) {
            std::stable_sort(items.begin(), items.end(),
                             [](Pair a, Pair b) { return a.first < b.first; });
            EXPECT_EQ(parts[static_cast<std::size_t>(partition)], items);
        }
    }
}

TEST(SampleByKey, TakesEachKeysShare) {
    auto const all = range(test::threaded(), 0, 30000, 9).key_by([](auto i) { return i % 3; });
    auto const fraction = [](std::int64_t key) { return 0.5 * static_cast<double>(key); };
    auto const counts = all.sample_by_key(fraction, 7).count_by_key().collect_as_map();
    EXPECT_EQ(counts.count(0), 0u);
    EXPECT_NEAR(static_cast<double>(counts.at(1)), 5000, 300);
    EXPECT_EQ(counts.at(2), 10000);
    EXPECT_EQ(all.sample_by_key(fraction, 7).collect(), all.sample_by_key(fraction, 7).collect());
}

TEST(Lookup, RunsOnlyTheKeysPartitionWhenPlaced) {
    Context const context = test::roomy();
    std::atomic<std::int64_t> ran = 0;
    auto const all = range(context, 0, 1000, 7).map([](auto i) { return std::pair(i % 50, i); });
    auto const placed = all.partition_by(20).map_values([&ran](std::int64_t value) {
        ++ran;
        return value;
    });
    Numbers expected;
    for (std::int64_t i = 13; i < 1000; i += 50) expected.push_back(i);
    EXPECT_EQ(all.lookup(13), expected);
    EXPECT_EQ(placed.lookup(13), expected);
    auto const parts = all.partition_by(20).glom().collect();
    auto const owner = static_cast<std::size_t>(HashPartitioner(20).partition_of(std::int64_t{13}));
    EXPECT_EQ(context.comm().all_reduce(ran.load(), Reduce::sum),
              static_cast<std::int64_t>(parts[owner].size()));
    EXPECT_TRUE(placed.lookup(50).empty());
    auto const named =
        all.map([](auto const& p) { return std::pair(std::to_string(p.first), p.second); });
    EXPECT_EQ(named.lookup("13"), expected);
    EXPECT_EQ(all.collect_as_map().at(13), 963);  // the last one
}

}  // namespace
}  // namespace partita::dataset
