#include "frame/group/accumulator.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/make_column.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace partita::frame::accumulator_test {
namespace {

/// Values of groups in random order; the last group has more than all others.
struct Values {
    static constexpr std::uint32_t groups = 12;

    Values() {
        RandomStream random(5);
        for (int i = 0; i < 1200; ++i) {
            auto const group = static_cast<std::uint32_t>(random.below(2 * groups));
            group_of.push_back(std::min(group, groups - 1));
            values.push_back(static_cast<double>(random.below(100'000)));
        }
    }
    std::vector<double> of(std::uint32_t group) const {
        std::vector<double> its;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (group_of[i] == group) its.push_back(values[i]);
        std::sort(its.begin(), its.end());
        return its;
    }

    std::vector<std::uint32_t> group_of;
    std::vector<double> values;
};

/// Give all values, a few rows at a time, in as many passes as are asked for.
/// @param each  What a value may take: values of 150 rows are held at most.
Column result_of(Accumulator& accumulator, Values const& input, std::int64_t each) {
    constexpr std::int64_t rows = 5;
    std::int64_t const most = 150 * each, of_groups = 16 * Values::groups;
    accumulator.limit_values(most);
    accumulator.grow(Values::groups);
    Column const values = make_column(input.values);
    bool more = true;
    for (int pass = 0; more; ++pass) {
        for (std::int64_t first = 0; first < values.size(); first += rows) {
            Column const few = values.slice(first, first + rows);
            accumulator.update(&few, input.group_of.data() + first, rows, first);
            EXPECT_LE(accumulator.bytes(), most + of_groups) << "pass " << pass;
        }
        more = accumulator.needs_pass();
    }
    return accumulator.finish();
}

TEST(Quantile, HoldsNoMoreValuesThanItMay) {
    Values const input;
    Column const medians = result_of(*make_quantile(.5), input, 24);
    for (std::uint32_t group = 0; group < Values::groups; ++group) {
        std::vector<double> const its = input.of(group);
        std::size_t const half = its.size() / 2;
        EXPECT_EQ(medians.values<double>()[group],
                  its.size() % 2 == 1 ? its[half] : (its[half - 1] + its[half]) / 2);
    }
}

TEST(CountDistinct, HoldsNoMoreValuesThanItMay) {
    Values const input;
    Column const counts = result_of(*make_count_distinct(Type::float64), input, 96);
    for (std::uint32_t group = 0; group < Values::groups; ++group) {
        std::vector<double> const its = input.of(group);
        EXPECT_EQ(counts.values<std::int64_t>()[group],
                  std::ssize(std::set<double>(its.begin(), its.end())));
    }
}

/// A large group takes as many passes as its different values do, not its rows.
TEST(CountDistinct, LooksSeldomAtManyRowsWithFewValues) {
    auto const accumulator = make_count_distinct(Type::float64);
    accumulator->limit_values(100 * 96);
    accumulator->grow(2);
    std::vector<double> numbers;
    std::vector<std::uint32_t> groups;
    for (int i = 0; i < 6000; ++i) {
        groups.push_back(i % 6 == 0);
        numbers.push_back(i % 6 == 0 ? i : i % 50);
    }
    Column const values = make_column(numbers);
    int passes = 0;
    do {
        accumulator->update(&values, groups.data(), values.size(), 0);
        ++passes;
    } while (accumulator->needs_pass());
    EXPECT_GT(passes, 2);
    EXPECT_LE(passes, 20);
    Column const counts = accumulator->finish();
    EXPECT_EQ(counts.values<std::int64_t>()[0], 50);
    EXPECT_EQ(counts.values<std::int64_t>()[1], 1000);
}

}  // namespace
}  // namespace partita::frame::accumulator_test
