#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::gathered;
using test::Pair;
using test::pair_at;

std::vector<Pair> all_pairs(std::int64_t n, std::int64_t keys) {
    std::vector<Pair> all;
    for (std::int64_t i = 0; i < n; ++i) all.emplace_back(pair_at(i, keys).first, i);
    return all;
}

auto numbered(Context const& context, std::int64_t n, std::int64_t keys, std::int64_t partitions) {
    return generate(
        context, n, [keys](std::int64_t i) { return Pair(pair_at(i, keys).first, i); }, partitions);
}

bool by_key(Pair const& a, Pair const& b) { return a.first < b.first; }

TEST(Sort, IsStableForAnyPartitionsAndRepetition) {
    for (std::int64_t const partitions : {1, 3, 64, 500})
        for (std::int64_t const keys : {1, 3, 100, 1000000}) {
            auto expected = all_pairs(10000, keys);
            std::stable_sort(expected.begin(), expected.end(), by_key);
            EXPECT_EQ(numbered(test::roomy(), 10000, keys, 5).sort_by_key({}, partitions).collect(),
                      expected)
                << partitions << " partitions, " << keys << " keys";
        }
}

TEST(Sort, WithinATightBudgetAndInThreadsIsTheSame) {
    auto expected = all_pairs(150000, 1000);
    std::stable_sort(expected.begin(), expected.end(), by_key);
    auto const run = [&](Context const& context) {
        // Three partitions do not fit the tight budget: they are sorted in runs.
        auto const sorted = numbered(context, 150000, 1000, 9).sort_by_key({}, 3);
        return sorted.map([](Pair const& p) { return p; }).collect_local();
    };
    auto const whole = [&](Context const& context) {
        auto const mine = run(context);
        return context.comm().all_gather_varying(std::as_bytes(std::span(mine)));
    };
    auto const bytes = std::as_bytes(std::span(expected));
    std::vector<std::byte> const wanted(bytes.begin(), bytes.end());
    Context const tight = test::least();
    EXPECT_EQ(whole(tight), wanted);
    EXPECT_GT(tight.comm().all_reduce(tight.traffic().bytes_spilled, Reduce::max), 0);
    EXPECT_EQ(whole(test::threaded()), wanted);
}

/// More runs than can be merged at once, with many equal keys.
TEST(Sort, MergesManyRunsInSeveralPassesStably) {
    auto const row = [](std::int64_t i) {
        return std::pair(static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(i)) % 50), i);
    };
    std::vector<std::pair<std::int64_t, std::int64_t>> expected;
    for (std::int64_t i = 0; i < 100000; ++i) expected.push_back(row(i));
    std::stable_sort(expected.begin(), expected.end(),
                     [](auto const& a, auto const& b) { return a.first < b.first; });
    Context const context = test::context_with(test::least_memory_bytes, 2);
    auto const found = generate(context, 100000, row, 6).sort_by_key({}, 1).collect_local();
    if (context.comm().is_root()) {
        EXPECT_EQ(found, expected);
    }
}

TEST(Sort, SharesOutAGiantKeyEvenly) {
    auto const sizes = generate(test::roomy(), 64000,
                                [](std::int64_t i) { return i % 10 == 0 ? i : std::int64_t{7}; })
                           .sort({}, 8)
                           .glom()
                           .map([](auto const& part) { return part.size(); })
                           .collect();
    EXPECT_EQ(sizes.size(), 8u);
    for (std::size_t const size : sizes) {
        EXPECT_GT(size, 6000u);
        EXPECT_LT(size, 10000u);
    }
}

TEST(Sort, DescendsAndTakesDoubles) {
    auto const value = [](std::int64_t i) {
        return i % 100 == 0
                   ? (i % 200 == 0 ? 0.0 : -0.0)
                   : (static_cast<double>(mix64(static_cast<std::uint64_t>(i)) % 1000) - 500) / 7;
    };
    std::vector<std::pair<double, std::int64_t>> expected;
    for (std::int64_t i = 0; i < 5000; ++i) expected.emplace_back(value(i), i);
    std::stable_sort(expected.begin(), expected.end(),
                     [](auto const& a, auto const& b) { return a.first > b.first; });
    auto const sorted =
        generate(
            test::roomy(), 5000, [=](std::int64_t i) { return std::pair(value(i), i); }, 6)
            .sort_by([](auto const& p) { return p.first; }, std::greater<>{}, 4)
            .collect();
    EXPECT_EQ(sorted, expected);
}

TEST(Sort, OfExtremeIntegersComparesAsNumbers) {
    std::vector<std::int64_t> values;
    for (int shift = 0; shift < 64; ++shift)
        for (std::int64_t const near : {-1, 0, 1})
            values.push_back(static_cast<std::int64_t>((std::uint64_t{1} << shift) +
                                                       static_cast<std::uint64_t>(near)));
    values.push_back(std::numeric_limits<std::int64_t>::min());
    values.push_back(std::numeric_limits<std::int64_t>::max());
    auto expected = values;
    std::sort(expected.begin(), expected.end());
    for (std::int64_t const partitions : {1, 5})
        EXPECT_EQ(parallelize(test::roomy(), values).sort({}, partitions).collect(), expected);
}

TEST(Sort, OfTextWithinATightBudget) {
    auto const text = [](std::int64_t i) {
        return std::to_string(mix64(static_cast<std::uint64_t>(i)) % 5000) +
               std::string(i % 40, 'x');
    };
    std::vector<std::string> expected;
    for (std::int64_t i = 0; i < 20000; ++i) expected.push_back(text(i));
    std::sort(expected.begin(), expected.end());
    auto const run = [&](Context const& context) {
        auto const mine = generate(context, 20000, text, 6).sort({}, 2).collect_local();
        std::string joined;
        for (std::string const& one : mine) joined += one + "\n";
        std::string all;
        for (std::string const& part : context.comm().all_gather_text(joined)) all += part;
        return all;
    };
    std::string wanted;
    for (std::string const& one : expected) wanted += one + "\n";
    EXPECT_EQ(run(test::roomy()), wanted);
    EXPECT_EQ(run(test::least()), wanted);
    Context const compressing = test::compressing(), tight = test::least();
    EXPECT_EQ(run(compressing), wanted);
    EXPECT_EQ(run(tight), wanted);
    auto const spilled = [](Context const& context) {
        return context.comm().all_reduce(context.traffic().bytes_spilled, Reduce::sum);
    };
    // On many ranks there is little to spill.
    if (tight.comm().size() == 1) {
        EXPECT_LT(spilled(compressing), spilled(tight) / 2);
    }
}

/// Texts that differ late or only in length, with bytes of any value.
std::string awkward_text(std::int64_t i) {
    std::uint64_t const bits = mix64(static_cast<std::uint64_t>(i) % 400);
    std::string text(bits % 19, 'a');
    for (std::uint64_t k = 0; k < bits % 5; ++k)
        text += std::string("\0\x01\x7f\x80\xff", 5)[(bits >> (8 + 3 * k)) % 5];
    return text;
}

TEST(Sort, OfTextByItsBytesIsStable) {
    using Row = std::pair<std::string, std::pair<std::int64_t, std::string>>;
    auto const row = [](std::int64_t i) {
        return Row(awkward_text(i), {i, std::string(static_cast<std::size_t>(i % 50), 'v')});
    };
    std::vector<Row> ascending;
    for (std::int64_t i = 0; i < 12000; ++i) ascending.push_back(row(i));
    auto descending = ascending;
    std::stable_sort(ascending.begin(), ascending.end(),
                     [](Row const& a, Row const& b) { return a.first < b.first; });
    std::stable_sort(descending.begin(), descending.end(),
                     [](Row const& a, Row const& b) { return a.first > b.first; });
    for (Context const& context :
         {test::roomy(), test::least(), test::compressing(), test::threaded()}) {
        auto const rows = generate(context, 12000, row, 6);
        EXPECT_EQ(gathered(rows.sort_by_key({}, 2)), ascending);
        EXPECT_EQ(gathered(rows.repartition(3).sort_by_key(std::greater<>{}, 40)).size(), 12000u);
        EXPECT_EQ(gathered(rows.sort_by_key(std::greater<>{}, 40)), descending);
    }
}

TEST(Sort, OfPairsOfTextsAndNumbersComparesTheirMembersInOrder) {
    using Row = std::tuple<std::string, double, std::string>;
    auto const row = [](std::int64_t i) {
        return Row(awkward_text(i % 7), static_cast<double>(i % 11) - 5, awkward_text(i));
    };
    std::vector<Row> expected;
    for (std::int64_t i = 0; i < 9000; ++i) expected.push_back(row(i));
    std::sort(expected.begin(), expected.end());
    for (Context const& context : {test::roomy(), test::least()}) {
        // From what lies packed, and from a chain.
        EXPECT_EQ(gathered(generate(context, 9000, row, 5).repartition(4).sort({}, 3)), expected);
        EXPECT_EQ(gathered(generate(context, 9000, row, 5).sort({}, 70)), expected);
    }
}

TEST(Sort, OfNothingAndOfFewerElementsThanPartitions) {
    EXPECT_TRUE(range(test::roomy(), 0, 0).sort().collect().empty());
    EXPECT_EQ(range(test::roomy(), 0, 3).sort(std::greater<>{}).collect(),
              (std::vector<std::int64_t>{2, 1, 0}));
}

TEST(Sort, TakesAnOrderThatKnowsStoredElementsOnly) {
    using Word = std::pair<std::string, int>;
    std::vector<Word> const words = {{"b", 1}, {"a", 2}, {"c", 2}};
    auto const before = [](Word const& a, Word const& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    };
    EXPECT_EQ(parallelize(test::roomy(), words).sort(before, 3).collect(),
              (std::vector<Word>{{"a", 2}, {"c", 2}, {"b", 1}}));
}

}  // namespace
}  // namespace partita::dataset
