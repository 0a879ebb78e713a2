#include "dataset/contexts.hpp"
#include "support/error_message.hpp"

#include "partita/dataset/accumulator.hpp"
#include "partita/dataset/broadcast.hpp"
#include "partita/dataset/map_codec.hpp"
#include "partita/dataset/sources.hpp"

#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::error_message;

TEST(BroadcastValue, IsRootsOnEveryRank) {
    Context const context = test::threaded();
    bool const root = context.comm().is_root();
    using Table = std::unordered_map<std::string, std::vector<std::int64_t>>;
    Broadcast<Table> const table(context,
                                 root ? Table{{"a", {1, 2}}, {"b", {}}} : Table{{"c", {}}});
    EXPECT_EQ(*table, (Table{{"a", {1, 2}}, {"b", {}}}));
    Broadcast const text(context, std::string(root ? "all" : "nobody"));
    EXPECT_EQ(*text, "all");
    Broadcast const number(context, root ? 7 : 8);
    auto const sums = range(context, 0, 100).map([table, number](std::int64_t i) {
        return *number * table->at("a")[static_cast<std::size_t>(i % 2)];
    });
    EXPECT_EQ(sums.sum(), 7 * 150);
    EXPECT_EQ((*Broadcast(context, std::vector<double>{})).size(), 0u);
}

TEST(BroadcastValue, IsOneCopyPerNodeWhenLarge) {
    Context const context = test::roomy();
    std::vector<std::int64_t> numbers(300000);
    if (context.comm().is_root()) std::iota(numbers.begin(), numbers.end(), 5);
    std::int64_t const before = context.memory().kept_bytes();
    {
        Broadcast const shared(context, std::move(numbers));
        EXPECT_TRUE(shared.is_shared());
        EXPECT_EQ(shared->size(), 300000u);
        auto const sum = range(context, 0, 300000).map([shared](std::int64_t i) {
            return shared[static_cast<std::size_t>(i)] - i;
        });
        EXPECT_EQ(sum.sum(), 5 * 300000);
        EXPECT_EQ(context.memory().kept_bytes() - before, 2400000 / context.comm().size());
    }
    EXPECT_EQ(context.memory().kept_bytes(), before);
    EXPECT_EQ(
        error_message([&] { Broadcast const large(test::tight(), std::vector<char>(600 << 10)); }),
        "broadcast: expected at most 512 KiB, which is what a rank may keep, got 600 KiB");
}

TEST(AccumulatorValue, IsAgreedAfterEachAction) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        Accumulator<std::int64_t> const odd(context);
        auto const numbers = range(context, 0, 1000, 17).map([odd](std::int64_t i) {
            if (i % 2) odd.add(1);
            return i;
        });
        EXPECT_EQ(odd.value(), 0);
        EXPECT_EQ(numbers.count(), 1000);
        EXPECT_EQ(odd.value(), 500);
        numbers.sum();
        EXPECT_EQ(odd.value(), 1000);  // it ran again
        odd.reset();
        auto const kept = numbers.cache();
        kept.count();
        kept.count();
        EXPECT_EQ(odd.value(), 500);
        odd.reset();
        auto const merged =
            numbers.key_by([](auto i) { return i % 10; }).reduce_by_key([odd](auto a, auto b) {
                odd.add(0);
                return a + b;
            });
        EXPECT_EQ(merged.count(), 10);
        EXPECT_EQ(odd.value(), 500);
    }
}

TEST(AccumulatorValue, MergesInTheOrderOfPartitions) {
    auto const harmonic = [](Context const& context) {
        Accumulator<double> const sum(context);
        Accumulator const text(context, std::string(),
                               [](std::string a, std::string const& b) { return a + b; });
        range(context, 1, 3000, 40).for_each([=](std::int64_t i) {
            sum.add(1.0 / static_cast<double>(i));
            if (i % 100 == 0) text.add(std::to_string(i / 100));
        });
        return std::pair(sum.value(), text.value());
    };
    Options options;
    options.threads = 1;
    options.memory_bytes = 1 << 20;
    auto const expected = harmonic(Context(Communicator::self(), options));
    EXPECT_EQ(expected.second, "1234567891011121314151617181920212223242526272829");
    EXPECT_EQ(harmonic(test::threaded()), expected);
    EXPECT_EQ(harmonic(test::tight()), expected);
}

TEST(AccumulatorValue, AFailedStageCountsNothing) {
    Context const context = test::threaded();
    Accumulator<std::int64_t> const seen(context);
    auto const numbers = range(context, 0, 1000, 17).map([seen](std::int64_t i) {
        seen.add(1);
        return i < 700 ? i : throw Error("too far");
    });
    EXPECT_THROW(numbers.count(), CollectiveError);
    EXPECT_EQ(seen.value(), 0);
    EXPECT_EQ(range(context, 0, 10).map([seen](auto i) { return seen.add(1), i; }).count(), 10);
    EXPECT_EQ(seen.value(), 10);
}

}  // namespace
}  // namespace partita::dataset
