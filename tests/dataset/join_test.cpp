#include "dataset/contexts.hpp"

#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::pair_at;
using Key = std::int64_t;
using Left = std::pair<Key, std::int64_t>;
using Right = std::pair<Key, std::string>;
using Full = std::pair<Key, std::pair<std::optional<std::int64_t>, std::optional<std::string>>>;

Left left_at(std::int64_t i) { return {pair_at(i, 40).first, i}; }
Right right_at(std::int64_t i) { return {pair_at(i + 1000, 40).first + 10, std::to_string(i)}; }

auto lefts(Context const& context, std::int64_t n = 300) {
    return generate(context, n, left_at, 5);
}
auto rights(Context const& context) { return generate(context, 200, right_at, 3); }

/// Nested loops.
std::vector<Full> oracle() {
    std::vector<Full> all;
    for (std::int64_t i = 0; i < 300; ++i) {
        bool found = false;
        for (std::int64_t j = 0; j < 200; ++j)
            if (left_at(i).first == right_at(j).first) {
                all.push_back({left_at(i).first, {i, right_at(j).second}});
                found = true;
            }
        if (!found) all.push_back({left_at(i).first, {i, std::nullopt}});
    }
    for (std::int64_t j = 0; j < 200; ++j) {
        bool found = false;
        for (std::int64_t i = 0; i < 300; ++i) found |= left_at(i).first == right_at(j).first;
        if (!found) all.push_back({right_at(j).first, {std::nullopt, right_at(j).second}});
    }
    return all;
}

template <class Keep>
std::vector<Full> oracle_where(Keep keep) {
    std::vector<Full> all = oracle();
    std::erase_if(all, [&](Full const& one) { return !keep(one.second); });
    std::sort(all.begin(), all.end());
    return all;
}

/// Any join's result in the form of the full one.
template <class D>
std::vector<Full> full_of(D const& joined) {
    std::vector<Full> all;
    for (auto const& [key, values] : joined.collect())
        all.push_back({key, {values.first, values.second}});
    std::sort(all.begin(), all.end());
    return all;
}

TEST(Join, EqualsNestedLoops) {
    Context const context = test::roomy();
    auto const left = lefts(context);
    auto const right = rights(context);
    EXPECT_EQ(full_of(left.join(right)),
              oracle_where([](auto const& v) { return v.first && v.second; }));
    EXPECT_EQ(full_of(left.left_outer_join(right)),
              oracle_where([](auto const& v) { return v.first.has_value(); }));
    EXPECT_EQ(full_of(left.right_outer_join(right)),
              oracle_where([](auto const& v) { return v.second.has_value(); }));
    EXPECT_EQ(full_of(left.full_outer_join(right)), oracle_where([](auto const&) { return true; }));
    EXPECT_EQ(
        left.subtract_by_key(right).count(),
        static_cast<std::int64_t>(oracle_where([](auto const& v) { return !v.second; }).size()));
}

TEST(Join, WithNothing) {
    Context const context = test::roomy();
    auto const none = lefts(context, 0);
    EXPECT_EQ(none.join(rights(context)).count(), 0);
    EXPECT_EQ(none.right_outer_join(rights(context)).count(), 200);
    EXPECT_EQ(lefts(context).left_outer_join(none).count(), 300);
}

TEST(Join, OfSidesPlacedAlikeExchangesNothing) {
    Context const context = test::roomy();
    auto const left = lefts(context).partition_by(9);
    auto const right = rights(context).reduce_by_key(std::plus<>{}, 9);
    std::int64_t const n = left.count() + right.count();
    std::int64_t const sent = context.traffic().bytes_sent;
    EXPECT_GT(left.join(right).count(), 0);
    EXPECT_EQ(context.traffic().bytes_sent, sent) << n;
}

TEST(Join, OneSidePlacedBringsTheOtherThere) {
    Context const context = test::roomy();
    auto const joined = lefts(context).join(rights(context).partition_by(4));
    EXPECT_EQ(joined.num_partitions(), 4);
    EXPECT_EQ(full_of(joined), oracle_where([](auto const& v) { return v.first && v.second; }));
}

TEST(Join, AHeavyKeySpillsAndFinishes) {
    Context const context = test::least();
    auto const heavy = range(context, 0, 50000, 7).map([](std::int64_t i) { return Left(1, i); });
    auto const few = range(context, 0, 3, 2).map([](std::int64_t i) { return Left(1, i); });
    auto const product = heavy.join(few).map(
        [](auto const& joined) { return joined.second.first * joined.second.second; });
    EXPECT_EQ(product.sum(), 49999 * std::int64_t{25000} * 3);
    EXPECT_EQ(few.join(heavy).count(), 150000);
}

}  // namespace
}  // namespace partita::dataset
