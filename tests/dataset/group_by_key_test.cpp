#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::pair_at;
using Numbers = std::vector<std::int64_t>;
using Groups = std::vector<std::pair<std::int64_t, Numbers>>;

Groups oracle(std::int64_t n, std::int64_t keys) {
    std::map<std::int64_t, Numbers> groups;
    for (std::int64_t i = 0; i < n; ++i) groups[pair_at(i, keys).first].push_back(i);
    return {groups.begin(), groups.end()};
}

auto numbered(Context const& context, std::int64_t n, std::int64_t keys) {
    return generate(
        context, n, [keys](std::int64_t i) { return std::pair(pair_at(i, keys).first, i); }, 6);
}

Groups sorted(Groups groups) {
    std::sort(groups.begin(), groups.end());
    return groups;
}

TEST(GroupByKey, KeepsValuesInOrder) {
    for (std::int64_t const keys : {1, 20, 100000})
        for (std::int64_t const partitions : {1, 5, 200})
            EXPECT_EQ(
                sorted(numbered(test::roomy(), 5000, keys).group_by_key(partitions).collect()),
                oracle(5000, keys));
    EXPECT_TRUE(numbered(test::roomy(), 0, 1).group_by_key().collect().empty());
}

/// One key has more values than memory; another case has more keys.
TEST(GroupByKey, StreamsWhatExceedsMemory) {
    for (std::int64_t const keys : {2, 60000}) {
        Context const context = test::least();
        auto const sums = numbered(context, 100000, keys)
                              .group_by_key(2)
                              .map([](auto const& group) {
                                  std::int64_t sum = 0, last = -1;
                                  for (std::int64_t value : group.values()) {
                                      if (value <= last) fail("values are out of order");
                                      sum += last = value;
                                  }
                                  return std::pair(group.key, sum);
                              })
                              .values()
                              .sum();
        EXPECT_EQ(sums, 99999 * std::int64_t{50000}) << keys << " keys";
        EXPECT_GT(context.comm().all_reduce(context.traffic().bytes_spilled, Reduce::max), 0);
    }
}

TEST(GroupByKey, ComesInOrderOfFirstAppearanceWhateverTheMemory) {
    auto const order = [](Context const& context) {
        return numbered(context, 40000, 30000)
            .group_by_key(1)
            .map([](auto const& group) { return std::pair(group.key, group.values().size()); })
            .take(30000);
    };
    EXPECT_EQ(order(test::least()), order(test::roomy()));
}

TEST(GroupByKey, ValuesNeedNotBeRead) {
    EXPECT_EQ(numbered(test::roomy(), 1000, 10).group_by_key().count(), 10);
    auto const firsts = numbered(test::roomy(), 1000, 10)
                            .group_by_key()
                            .map([](auto const& group) { return *group.values().begin(); })
                            .sort()
                            .collect();
    Numbers expected;
    for (auto const& [key, values] : oracle(1000, 10)) expected.push_back(values.front());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(firsts, expected);
}

TEST(GroupByKey, OfTextAndPlacedPairs) {
    Context const context = test::roomy();
    auto const placed = range(context, 0, 300)
                            .map([](std::int64_t i) {
                                return std::pair("k" + std::to_string(i % 3), std::to_string(i));
                            })
                            .partition_by(7);
    placed.count();
    std::int64_t const sent = context.traffic().bytes_sent;
    auto groups = placed.group_by_key().collect();
    EXPECT_EQ(context.traffic().bytes_sent, sent);
    std::sort(groups.begin(), groups.end());
    EXPECT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[1].first, "k1");
    EXPECT_EQ(groups[1].second.size(), 100u);
    EXPECT_EQ(groups[1].second[99], "298");
}

TEST(Distinct, KeepsEachElementOnce) {
    auto const words =
        range(test::roomy(), 0, 1000).map([](std::int64_t i) { return std::to_string(i % 37); });
    EXPECT_EQ(words.distinct().count(), 37);
    auto const counts = words.count_by_value().sort_by_key().collect();
    EXPECT_EQ(counts.front(), std::pair(std::string("0"), std::int64_t{28}));
    EXPECT_EQ(counts.back(), std::pair(std::string("9"), std::int64_t{27}));
    EXPECT_EQ(
        range(test::least(), 0, 200000).map([](auto i) { return i % 90000; }).distinct().count(),
        90000);
}

TEST(CountByKey, Counts) {
    auto const counts = numbered(test::roomy(), 1000, 10).count_by_key().sort_by_key().collect();
    Groups const groups = oracle(1000, 10);
    EXPECT_EQ(counts.size(), groups.size());
    for (std::size_t i = 0; i < counts.size(); ++i)
        EXPECT_EQ(counts[i],
                  std::pair(groups[i].first, static_cast<std::int64_t>(groups[i].second.size())));
}

}  // namespace
}  // namespace partita::dataset
