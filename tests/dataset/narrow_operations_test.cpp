#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using testing::ElementsAre;
using Numbers = std::vector<std::int64_t>;

Numbers iota(std::int64_t first, std::int64_t last) {
    Numbers all;
    for (std::int64_t i = first; i < last; ++i) all.push_back(i);
    return all;
}

TEST(Sources, KeepTheirOrderForAnyPartitions) {
    Context const context = test::roomy();
    for (std::int64_t const partitions : {0, 1, 3, 100})
        for (std::int64_t const n : {0, 1, 10, 1000}) {
            EXPECT_EQ(range(context, -5, n - 5, partitions).collect(), iota(-5, n - 5));
            EXPECT_EQ(parallelize(context, iota(0, n), partitions).collect(), iota(0, n));
            RowRange const mine = share_of(n, context.comm().size(), context.comm().rank());
            EXPECT_EQ(from_local(context, iota(mine.first, mine.last), partitions).collect(),
                      iota(0, n));
        }
}

TEST(Sources, FromLocalTakesUnevenRanks) {
    Context const context = test::roomy();
    // Rank r gives r * r items.
    std::int64_t const r = context.comm().rank();
    std::int64_t const first = context.comm().exclusive_sum(r * r);
    std::int64_t const n = context.comm().all_reduce(r * r, Reduce::sum);
    auto const parts = from_local(context, iota(first, first + r * r), 4).glom().collect();
    for (std::size_t p = 0; p < 4; ++p) {
        RowRange const rows = share_of(n, 4, static_cast<std::int64_t>(p));
        EXPECT_EQ(parts[p], iota(rows.first, rows.last));
    }
}

TEST(Narrow, OperationsFuseAndKeepOrder) {
    auto const found = range(test::roomy(), 0, 100, 7)
                           .map([](std::int64_t i) { return i * i; })
                           .filter([](std::int64_t i) { return i % 3 == 0; })
                           .flat_map([](std::int64_t i) {
                               return std::vector{i, -i};
                           })
                           .collect();
    Numbers expected;
    for (std::int64_t i = 0; i < 100; ++i)
        if (i * i % 3 == 0) expected.insert(expected.end(), {i * i, -i * i});
    EXPECT_EQ(found, expected);
}

TEST(Narrow, AnErasedDatasetGivesTheSame) {
    auto const words = range(test::roomy(), 0, 1000, 5).map([](std::int64_t i) {
        return std::to_string(i) + " of a thousand";
    });
    Dataset<std::string> const erased = words;
    EXPECT_EQ(erased.collect(), words.collect());
    EXPECT_EQ(erased.map([](std::string const& s) { return s.size(); }).sum(),
              words.map([](std::string const& s) { return s.size(); }).sum());
}

auto total(DatasetOf<std::int64_t> auto const& numbers) { return numbers.sum(); }

TEST(Narrow, FunctionsCanTakeAnyDataset) {
    auto const numbers = range(test::roomy(), 0, 10);
    EXPECT_EQ(total(numbers), 45);
    EXPECT_EQ(total(Dataset<std::int64_t>(numbers)), 45);
}

TEST(Narrow, PairsHaveKeysAndValues) {
    auto const pairs = range(test::roomy(), 0, 6, 3).key_by([](std::int64_t i) { return i % 2; });
    EXPECT_THAT(pairs.keys().collect(), ElementsAre(0, 1, 0, 1, 0, 1));
    EXPECT_THAT(pairs.values().collect(), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(
        pairs.map_values([](std::int64_t v) { return std::to_string(v); }).values().collect(),
        ElementsAre("0", "1", "2", "3", "4", "5"));
    EXPECT_THAT(pairs.flat_map_values([](std::int64_t v) { return Numbers(v % 3, v); }).collect(),
                ElementsAre(std::pair(1, 1), std::pair(0, 2), std::pair(0, 2), std::pair(0, 4),
                            std::pair(1, 5), std::pair(1, 5)));
}

TEST(Narrow, MapPartitionsSeesWholePartitions) {
    auto const sums = range(test::roomy(), 0, 10, 4)
                          .map_partitions_with_index([](std::int64_t partition, Numbers items) {
                              std::int64_t sum = 0;
                              for (std::int64_t i : items) sum += i;
                              return std::vector{std::pair(partition, sum)};
                          })
                          .collect();
    EXPECT_THAT(sums,
                ElementsAre(std::pair(0, 3), std::pair(1, 12), std::pair(2, 13), std::pair(3, 17)));
}

TEST(Narrow, ZipWithIndexCountsAcrossPartitions) {
    auto const odd = range(test::roomy(), 0, 100, 9).filter([](auto i) { return i % 2 == 1; });
    auto const found = odd.zip_with_index().collect();
    EXPECT_EQ(found.size(), 50u);
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_EQ(found[i],
                  std::pair(static_cast<std::int64_t>(2 * i + 1), static_cast<std::int64_t>(i)));
    auto const ids = range(test::roomy(), 0, 5, 2).zip_with_unique_id().values().collect();
    EXPECT_THAT(ids, ElementsAre(0, 2, 4, 1, 3));
}

TEST(Narrow, UnionKeepsPartitionsAndDuplicates) {
    Context const context = test::roomy();
    auto const both = range(context, 0, 3, 2)
                          .union_with(parallelize(context, Numbers{2, 5}, 3))
                          .union_with(range(context, 9, 10, 1));
    EXPECT_THAT(both.collect(), ElementsAre(0, 1, 2, 2, 5, 9));
    EXPECT_EQ(both.num_partitions(), 6);
    EXPECT_EQ(both.count(), 6);
    EXPECT_THAT(both.zip_with_index().values().collect(), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(both.sort(std::greater<>{}, 2).collect(), ElementsAre(9, 5, 2, 2, 1, 0));
    EXPECT_THAT(both.key_by([](auto i) { return i; }).reduce_by_key(std::plus<>{}, 1).collect(),
                ElementsAre(std::pair(0, 0), std::pair(1, 1), std::pair(2, 4), std::pair(5, 5),
                            std::pair(9, 9)));
}

TEST(Narrow, CoalesceJoinsNeighbours) {
    auto const ten = range(test::roomy(), 0, 10, 5);
    EXPECT_THAT(ten.coalesce(2).glom().collect(), ElementsAre(iota(0, 6), iota(6, 10)));
    EXPECT_EQ(ten.coalesce(100).num_partitions(), 5);
}

TEST(Wide, RepartitionDealsElementsOut) {
    auto const parts = range(test::roomy(), 0, 1000, 3).repartition(7).glom().collect();
    EXPECT_EQ(parts.size(), 7u);
    std::vector<Numbers> expected(7);
    for (std::int64_t p = 0; p < 3; ++p) {
        RowRange const rows = share_of(1000, 3, p);
        for (std::int64_t i = rows.first; i < rows.last; ++i)
            expected[static_cast<std::size_t>((p + i - rows.first) % 7)].push_back(i);
    }
    EXPECT_EQ(parts, expected);
    EXPECT_EQ(range(test::tight(), 0, 300000, 5).repartition(2).count(), 300000);
}

TEST(Narrow, SampleDependsOnTheSeedAlone) {
    auto const numbers = range(test::roomy(), 0, 10000, 8);
    auto const sample = numbers.sample(0.1, 3).collect();
    EXPECT_EQ(numbers.sample(0.1, 3).collect(), sample);
    EXPECT_EQ(range(test::threaded(), 0, 10000, 8).sample(0.1, 3).collect(), sample);
    EXPECT_NE(numbers.sample(0.1, 4).collect(), sample);
    EXPECT_NEAR(static_cast<double>(sample.size()), 1000, 120);  // four standard deviations
    EXPECT_TRUE(numbers.sample(0, 3).is_empty());
    EXPECT_EQ(numbers.sample(1, 3).count(), 10000);
}

TEST(Narrow, StateInAFunctionLastsForOnePartition) {
    auto const counted =
        range(test::threaded(), 0, 9, 3).map([n = 0](std::int64_t) mutable { return n++; });
    EXPECT_THAT(counted.collect(), ElementsAre(0, 1, 2, 0, 1, 2, 0, 1, 2));
    EXPECT_THAT(counted.collect(), ElementsAre(0, 1, 2, 0, 1, 2, 0, 1, 2));
}

}  // namespace
}  // namespace partita::dataset
