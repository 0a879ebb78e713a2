#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <tuple>

#include <gmock/gmock.h>

using namespace partita;
using namespace partita::test;
using dataset::OrderedBytes;
using dataset::SortWithinKeysOptions;
using dataset::ValueOrder;

namespace {

using TextPair = std::pair<std::string, std::string>;
using Row = std::tuple<std::string, std::string, std::int64_t>;
using Ranked = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>;

/// Keys of which one has most of the rows; values that begin each other and have zeros in them.
TextPair text_pair_at(std::int64_t i) {
    RandomStream random(5, static_cast<std::uint64_t>(i));
    std::string key = random.below(10) < 9 ? "heavy" : std::string(random.below(4), 'k');
    std::string value(random.below(3), '\0');
    value += std::string(random.below(4), static_cast<char>('a' + random.below(3)));
    if (random.below(20) == 0) value += "\xff, longer than what a string holds inline";
    return {key, value};
}
std::vector<TextPair> text_pairs(std::int64_t n) {
    std::vector<TextPair> pairs;
    for (std::int64_t i = 0; i < n; ++i) pairs.push_back(text_pair_at(i));
    return pairs;
}

/// The slow, obvious way.
std::vector<Row> sorted_rows(std::vector<TextPair> pairs, bool descending, bool distinct) {
    std::sort(pairs.begin(), pairs.end(), [&](auto const& a, auto const& b) {
        if (a.first != b.first) return a.first < b.first;
        return descending ? b.second < a.second : a.second < b.second;
    });
    if (distinct) pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    std::vector<Row> rows;
    std::map<std::string, std::int64_t> next;
    for (auto const& [key, value] : pairs) rows.emplace_back(key, value, next[key]++);
    return rows;
}
std::vector<Ranked> ranked_rows(std::vector<TextPair> const& pairs, bool most_first,
                                bool distinct) {
    std::map<TextPair, std::int64_t> counts;
    for (auto const& pair : pairs) ++counts[pair];
    std::vector<std::pair<TextPair, std::int64_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(), [&](auto const& a, auto const& b) {
        if (a.first.first != b.first.first) return a.first.first < b.first.first;
        return most_first ? a.second > b.second : a.second < b.second;
    });
    std::vector<Ranked> rows;
    std::map<std::string, std::int64_t> index, rank;
    for (auto const& [pair, count] : order) {
        ++rank[pair.first];
        for (std::int64_t i = 0; i < (distinct ? 1 : count); ++i)
            rows.emplace_back(pair.first, pair.second, count, index[pair.first]++,
                              rank[pair.first]);
    }
    return rows;
}

class SortWithinKeys : public testing::TestWithParam<dataset::Context (*)()> {};

dataset::Context roomy_context() { return roomy(); }
dataset::Context least_context() { return least(); }
dataset::Context threaded_context() { return threaded(); }
INSTANTIATE_TEST_SUITE_P(Memory, SortWithinKeys,
                         testing::Values(roomy_context, least_context, threaded_context));

auto rows_of(dataset::Context const& context, std::int64_t n) {
    return dataset::generate(context, n, text_pair_at);
}

TEST_P(SortWithinKeys, SortsByValue) {
    dataset::Context const context = GetParam()();
    for (std::int64_t const n : {0, 5, 8000}) {
        for (bool const descending : {false, true}) {
            for (bool const distinct : {false, true}) {
                if (n < 8000 && distinct != descending) continue;
                SortWithinKeysOptions options;
                options.order = descending ? ValueOrder::descending : ValueOrder::ascending;
                options.distinct = distinct;
                std::vector<Row> found;
                for (auto& row : gathered(rows_of(context, n).sort_within_keys(options)))
                    found.emplace_back(row.key, row.value, row.index);
                EXPECT_TRUE(found == sorted_rows(text_pairs(n), descending, distinct))
                    << n << descending << distinct;
            }
        }
    }
}

TEST_P(SortWithinKeys, SortsByFrequency) {
    dataset::Context const context = GetParam()();
    for (std::int64_t const n : {0, 5, 8000}) {
        for (bool const most_first : {false, true}) {
            for (bool const distinct : {false, true}) {
                if (n < 8000 && distinct != most_first) continue;
                SortWithinKeysOptions options;
                options.order = most_first ? ValueOrder::most_frequent : ValueOrder::least_frequent;
                options.distinct = distinct;
                std::vector<Ranked> found;
                for (auto& row : gathered(rows_of(context, n).rank_within_keys(options)))
                    found.emplace_back(row.key, row.value, row.count, row.index, row.rank);
                EXPECT_TRUE(found == ranked_rows(text_pairs(n), most_first, distinct))
                    << n << most_first << distinct;
            }
        }
    }
}

TEST(SortWithinKeysOnce, SpreadsAKeyWithMostOfTheRows) {
    dataset::Context const context = roomy();
    auto const one_value = dataset::generate(context, 64000, [](std::int64_t i) {
        return std::pair<int, int>(1, i % 10 == 0 ? static_cast<int>(i) : 7);
    });
    auto const counted = [&](auto const& rows) {
        std::int64_t most = 0, all = 0;
        for (std::int64_t const n :
             rows.map_partitions([](auto items) {
                     return std::vector<std::int64_t>{static_cast<std::int64_t>(items.size())};
                 })
                 .collect()) {
            most = std::max(most, n);
            all += n;
        }
        EXPECT_EQ(all, 64000);
        return most;
    };
    EXPECT_LE(counted(one_value.sort_within_keys()), 3000);      // of 64 partitions
    EXPECT_LE(counted(one_value.rank_within_keys()), 2 * 3000);  // at most twice the fair share
}

TEST(SortWithinKeysOnce, TakesOptionalValuesAndSeveralKeyColumns) {
    dataset::Context const context = roomy();
    using Key = std::pair<std::int64_t, std::string>;
    using Value = std::optional<double>;
    std::vector<std::pair<Key, Value>> const pairs = {
        {{2, "b"}, 1.5},  {{-1, "z"}, 2.0}, {{2, "b"}, std::nullopt},
        {{2, "a"}, -3.0}, {{2, "b"}, -0.5}, {{2, "b"}, std::numeric_limits<double>::infinity()}};
    auto const data = dataset::parallelize(context, pairs);
    auto const values_of = [&](SortWithinKeysOptions const& options) {
        std::string text;
        for (auto& row : data.sort_within_keys(options).collect())
            text += fmt::format("{}{}:{}@{} ", row.key.first, row.key.second,
                                row.value ? fmt::format("{}", *row.value) : "null", row.index);
        return text;
    };
    EXPECT_EQ(values_of({}), "-1z:2@0 2a:-3@0 2b:null@0 2b:-0.5@1 2b:1.5@2 2b:inf@3 ");
    EXPECT_EQ(values_of({.order = ValueOrder::descending}),
              "-1z:2@0 2a:-3@0 2b:null@0 2b:inf@1 2b:1.5@2 2b:-0.5@3 ");
    EXPECT_EQ(values_of({.order = ValueOrder::descending, .nulls_last = true}),
              "-1z:2@0 2a:-3@0 2b:inf@0 2b:1.5@1 2b:-0.5@2 2b:null@3 ");
}

template <class T>
void expect_order_kept(std::vector<T> const& ascending) {
    std::string before;
    for (T const& value : ascending) {
        std::string bytes;
        OrderedBytes<T>::append(bytes, value, false);
        EXPECT_LT(before, bytes);
        EXPECT_EQ(OrderedBytes<T>::end_of(bytes + "more", 0), bytes.size());
        std::size_t at = 0;
        typename OrderedBytes<T>::Room room;
        EXPECT_EQ(T(OrderedBytes<T>::read(bytes, at, room)), value);
        before = bytes;
    }
}

TEST(OrderedBytes, ComparesLikeTheValues) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    expect_order_kept<double>({-infinity, -1e300, -1, -1e-310, 0, 1e-310, 0.5, 1, infinity});
    expect_order_kept<float>({-2.5f, 0, 1, 3e38f});
    expect_order_kept<std::int64_t>({std::numeric_limits<std::int64_t>::min(), -1, 0, 1, 1 << 20});
    expect_order_kept<std::int8_t>({-128, -1, 0, 127});
    expect_order_kept<std::uint16_t>({0, 255, 256, 65535});
    using namespace std::string_literals;
    expect_order_kept<std::string>({"", "\0"s, "\0a"s, "\1", "a", "a\0"s, "a\0b"s, "ab", "\xff"});
    expect_order_kept<std::pair<std::string, int>>({{"", 5}, {"a", -1}, {"a", 1}, {"ab", 0}});
}

}  // namespace
