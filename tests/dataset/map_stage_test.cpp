// Partitions that any rank can make are taken by whoever is free.

#include "dataset/contexts.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/accumulator.hpp"
#include "partita/dataset/sources.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

constexpr std::int64_t items = 6000, parts = 60, keys = 7;

double value_of(std::int64_t i) { return std::sqrt(static_cast<double>(i)) * 1e3; }

/// What a fold in the partitions' order gives: sums within each, then over them in order.
std::map<std::int64_t, double> sums_by_partition() {
    std::map<std::int64_t, double> sums;
    for (std::int64_t p = 0; p < parts; ++p) {
        std::map<std::int64_t, double> of_part;
        RowRange const rows = share_of(items, parts, p);
        for (std::int64_t i = rows.first; i < rows.last; ++i) of_part[i % keys] += value_of(i);
        for (auto const& [key, sum] : of_part) sums[key] += sum;
    }
    return sums;
}

TEST(MapStage, GivesTheSameBitsWhoeverTakesAPartition) {
    for (Context const& context : {test::roomy(), test::least(), test::threaded()}) {
        auto const pairs = generate(
            context, items, [](std::int64_t i) { return std::pair(i % keys, value_of(i)); }, parts);
        auto const sums =
            test::gathered(pairs.reduce_by_key([](double a, double b) { return a + b; }));
        std::map<std::int64_t, double> const found(sums.begin(), sums.end());
        EXPECT_EQ(found, sums_by_partition());

        auto const placed = test::gathered(pairs.partition_by(HashPartitioner(1)));
        ASSERT_EQ(static_cast<std::int64_t>(placed.size()), items);
        for (std::int64_t i = 0; i < items; ++i)
            ASSERT_EQ(placed[static_cast<std::size_t>(i)], std::pair(i % keys, value_of(i)));
    }
}

TEST(MapStage, AddsUpAccumulatorsInTheOrderOfPartitions) {
    Context const context = test::threaded();
    Accumulator<double> total(context, 0.0);
    generate(
        context, items,
        [total](std::int64_t i) {
            total.add(value_of(i));
            return std::pair(i % keys, i);
        },
        parts)
        .reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; })
        .count();
    double expected = 0;
    for (std::int64_t p = 0; p < parts; ++p) {
        double of_part = 0;
        RowRange const rows = share_of(items, parts, p);
        for (std::int64_t i = rows.first; i < rows.last; ++i) of_part += value_of(i);
        expected += of_part;
    }
    EXPECT_EQ(total.value(), expected);
}

TEST(MapStage, ReportsTheLowestPartitionThatFailed) {
    Context const context = test::threaded();
    auto const failing = generate(
        context, items,
        [](std::int64_t i) {
            if (i == 2345 || i == 4567) fail("item {} is bad", i);
            return std::pair(i % keys, i);
        },
        parts);
    EXPECT_THAT(test::error_message([&] { failing.partition_by(HashPartitioner(3)).count(); }),
                testing::AllOf(testing::HasSubstr("item 2345 is bad"),
                               testing::Not(testing::HasSubstr("4567"))));
    EXPECT_EQ(range(context, 0, 10).count(), 10);  // ranks agree, and go on
}

/// Files in a folder; none of the ranks may wait for longer than a minute.
bool wait_for_files(std::string const& folder, std::int64_t count) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
        auto const files = std::filesystem::directory_iterator(folder);
        if (std::distance(begin(files), std::filesystem::directory_iterator{}) >= count)
            return true;
    }
    return false;
}

TEST(MapStage, LeavesToOthersWhatASlowRankDoesNotTake) {
    Context const context = test::roomy();
    int const rank = context.comm().rank(), ranks = context.comm().size();
    test::SharedFolder const folder(context.comm());
    std::string const path = folder.path();
    auto const result =
        range(context, 0, parts, parts)
            .map([=](std::int64_t i) {
                // The last rank stays with its first partition until the others have done most.
                if (rank > 0 && rank == ranks - 1)
                    check(wait_for_files(path, parts * 3 / 4), "nobody takes its partitions");
                else
                    std::ofstream(path + "/" + std::to_string(i)) << i;
                return std::pair(i, i);
            })
            .partition_by(HashPartitioner(2));
    EXPECT_EQ(result.count(), parts);
}

}  // namespace
}  // namespace partita::dataset
