// Folds by key of the awkward kinds: accumulators that grow, keys that repeat late.
#include "dataset/elements.hpp"

#include "partita/core/hash.hpp"
#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::Pair;
using test::pair_at;
using test::pairs;

/// Lists that grow far beyond memory together: keys that came late wait, with what they have.
TEST(CombineByKey, GrowingAccumulatorsStayWithinMemory) {
    constexpr std::int64_t n = 60000, keys = 300;
    auto const run = [](Context const& context, bool placed) {
        auto const rows = pairs(context, n, keys, 5);
        auto const lists = [](auto const& input) {
            return input
                .combine_by_key(
                    [](std::int64_t v) { return std::to_string(v); },
                    [](std::string all, std::int64_t v) { return all + " " + std::to_string(v); },
                    [](std::string a, std::string const& b) { return a + " " + b; }, 2)
                .map(
                    [](auto const& pair) { return std::pair(pair.first, hash_bytes(pair.second)); })
                .collect();
        };
        return placed ? lists(rows.partition_by(HashPartitioner(2))) : lists(rows);
    };
    std::vector<std::int64_t> order;
    std::map<std::int64_t, std::string> all;
    for (std::int64_t i = 0; i < n; ++i) {
        auto const [key, value] = pair_at(i, keys);
        auto& list = all[key];
        if (list.empty()) order.push_back(key);
        list += (list.empty() ? "" : " ") + std::to_string(value);
    }
    std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
    for (std::int64_t const partition : {0, 1})
        for (std::int64_t const key : order)
            if (HashPartitioner(2).partition_of(key) == partition)
                expected.emplace_back(key, hash_bytes(all[key]));
    for (bool const placed : {false, true}) {
        EXPECT_EQ(run(test::roomy(), placed), expected);
        Context const tight = test::least();
        EXPECT_EQ(run(tight, placed), expected);
        EXPECT_GT(tight.comm().all_reduce(tight.traffic().bytes_spilled, Reduce::sum), 0);
    }
}

/// Keys that hardly repeat at first, and then do.
TEST(MapSideFold, ResumesWhenKeysRepeatAgain) {
    Context const context = test::roomy();
    using Sum = std::plus<std::int64_t>;
    auto const first = [](std::int64_t value) { return value; };
    FoldFunctions<decltype(first), Sum, Sum> const functions{first, {}, {}};
    auto const pairs_sent = [&](bool may_fold) {
        PieceStore store(context);
        MapSideFold<std::int64_t, std::int64_t, HashPartitioner, decltype(functions)> fold(
            store, 0, HashPartitioner(4), functions, may_fold);
        for (std::int64_t i = 0; i < 5000; ++i) fold.add(i, 1);
        for (std::int64_t i = 0; i < 200000; ++i) fold.add(i % 10, 1);
        fold.finish();
        store.settle({0, 4});
        std::int64_t count = 0, sum = 0;
        for (std::int64_t p = 0; p < 4; ++p)
            store.for_each_piece(p, [&](auto bytes) {
                for (auto const& pair : std::span(reinterpret_cast<Pair const*>(bytes.data()),
                                                  bytes.size() / sizeof(Pair)))
                    ++count, sum += pair.second;
            });
        EXPECT_EQ(sum, 205000);
        return count;
    };
    EXPECT_LT(pairs_sent(true), 50000);
    EXPECT_EQ(pairs_sent(false), 205000);
}

TEST(FoldByKey, BeginsWithAZeroThatIsNeutral) {
    for (Context const& context : {test::least(), test::threaded()}) {
        auto const longest =
            range(context, 0, 3000)
                .map([](std::int64_t i) {
                    return std::pair(i % 7, std::string(static_cast<std::size_t>(i % 91), 'x'));
                })
                .fold_by_key(
                    std::string(),
                    [](std::string const& a, std::string const& b) {
                        return a.size() < b.size() ? b : a;
                    },
                    3)
                .collect_as_map();
        EXPECT_EQ(longest.size(), 7u);
        for (std::int64_t key = 0; key < 7; ++key) {
            std::size_t expected = 0;
            for (std::int64_t i = key; i < 3000; i += 7)
                expected = std::max(expected, static_cast<std::size_t>(i % 91));
            EXPECT_EQ(longest.at(key).size(), expected) << key;
        }
    }
}

}  // namespace
}  // namespace partita::dataset
