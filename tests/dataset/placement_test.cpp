#include "dataset/contexts.hpp"
#include "support/error_message.hpp"

#include "partita/dataset/range_partitioner.hpp"
#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::error_message;
using test::Pair;
using test::pair_at;
using testing::HasSubstr;

/// One partition per key, as many as there are keys.
class OnePerKey {
  public:
    explicit OnePerKey(std::vector<std::string> keys)
        : keys_(std::make_shared<std::vector<std::string> const>(std::move(keys))) {}

    std::int64_t num_partitions() const { return static_cast<std::int64_t>(keys_->size()); }
    std::int64_t partition_of(std::string const& key) const {
        auto const found = std::lower_bound(keys_->begin(), keys_->end(), key);
        return found != keys_->end() && *found == key ? found - keys_->begin() : -1;
    }
    friend bool operator==(OnePerKey const& a, OnePerKey const& b) { return *a.keys_ == *b.keys_; }

  private:
    std::shared_ptr<std::vector<std::string> const> keys_;
};

std::vector<std::string> key_names(std::int64_t n) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < n; ++i) names.push_back("key " + std::to_string(i));
    std::sort(names.begin(), names.end());
    return names;
}

auto named_pairs(Context const& context, std::int64_t n, std::int64_t keys) {
    return range(context, 0, n, 9).map([keys](std::int64_t i) {
        return std::pair("key " + std::to_string(i % keys), i);
    });
}

TEST(CustomPartitioner, MayHaveThousandsOfPartitions) {
    constexpr std::int64_t keys = 3000;
    std::vector<std::string> const names = key_names(keys);
    Context const context = test::context_with(8 << 20, 2);
    auto const placed = named_pairs(context, 3 * keys, keys).partition_by(OnePerKey(names));
    EXPECT_EQ(placed.num_partitions(), keys);
    auto const parts = placed.glom().collect();
    for (std::size_t p = 0; p < parts.size(); ++p) {
        ASSERT_EQ(parts[p].size(), 3u);
        for (auto const& [key, value] : parts[p]) EXPECT_EQ(key, names[p]);
        EXPECT_TRUE(std::is_sorted(parts[p].begin(), parts[p].end()));
    }
    // Another partitioner that is equal: nothing is sent.
    std::int64_t const sent = context.traffic().bytes_sent;
    auto const sums = placed.reduce_by_key(std::plus<>{}, OnePerKey(names));
    EXPECT_EQ(sums.count(), keys);
    EXPECT_EQ(sums.join(placed).count(), 3 * keys);
    EXPECT_EQ(placed.cogroup(sums, placed.filter([](auto const&) { return true; })).count(), keys);
    EXPECT_EQ(context.traffic().bytes_sent, sent);
    // One that differs: sums move.
    EXPECT_EQ(sums.reduce_by_key(std::plus<>{}, 16).count(), keys);
    if (context.comm().size() > 1) {
        EXPECT_GT(context.comm().all_reduce(context.traffic().bytes_sent, Reduce::max), sent);
    }
}

/// What is noted about pieces is memory, too.
TEST(PieceStore, CountsWhatItNotesAboutPieces) {
    Context const context = test::roomy();
    {
        PieceStore store(context);
        std::vector<Piece> pieces;
        for (std::int64_t p = 0; p < 10000; ++p) pieces.push_back({p, 0, 0, 8});
        PooledBuffer block(context.memory(), 80000);
        std::memset(block.data(), 1, 80000);
        store.add(std::move(block), pieces);
        EXPECT_GT(context.memory().kept_bytes(), 80000 + 10000 * 40);
        store.settle({0, 10000});
        EXPECT_GT(context.memory().kept_bytes(), 80000 + 10000 * 40);
    }
    EXPECT_EQ(context.memory().kept_bytes(), 0);
}

TEST(CustomPartitioner, MustKeepToItsPartitions) {
    auto const pairs = named_pairs(test::roomy(), 100, 20);
    EXPECT_THAT(
        error_message([&] { pairs.partition_by(OnePerKey(key_names(19))).count(); }),
        HasSubstr("map | partition_by: partitioner: expected a partition in [0, 19), got -1"));
}

/// 90 % of the rows are of one key.
Pair skewed_at(std::int64_t i) {
    auto const [key, value] = pair_at(i, 1000);
    return {value % 10 ? 500 : key, i};
}

TEST(RangePartitionerOfASample, IsSoundWhenOneKeyIsMost) {
    for (Context const& context : {test::tight(), test::threaded()}) {
        constexpr std::int64_t n = 100000, partitions = 12;
        auto const rows = generate(context, n, skewed_at, 7);
        auto const by = range_partitioner(rows, partitions);
        EXPECT_LE(by.num_partitions(), partitions);
        EXPECT_GE(by.num_partitions(), partitions - 1);
        auto const counts =
            partition_counts(rows.partition_by(by).map([](auto const&) { return 0; }), "count");
        std::int64_t const heavy = by.partition_of(std::int64_t{500});
        for (std::int64_t p = 0; p < by.num_partitions(); ++p) {
            // 10,000 other rows in 11 ranges.
            if (p != heavy) {
                EXPECT_LE(counts[static_cast<std::size_t>(p)], 2000) << p;
            }
        }
        EXPECT_LE(counts[static_cast<std::size_t>(heavy)], n * 9 / 10 + 1000);
        auto const sums = rows.reduce_by_key(std::plus<>{}, by);
        auto const ordered = sums.repartition_and_sort_within_partitions(by).keys().collect();
        EXPECT_EQ(ordered.size(), 1000u);
        EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
    }
    Context const context = test::roomy();
    auto const none = range(context, 0, 0).key_by([](auto i) { return i; });
    EXPECT_EQ(range_partitioner(none, 5).num_partitions(), 1);
    auto const same = range(context, 0, 99).map([](auto i) { return std::pair(1, i); });
    EXPECT_EQ(range_partitioner(same, 5).num_partitions(), 1);
    auto const few = range(context, 0, 99).map([](auto i) { return std::pair(i % 3, i); });
    EXPECT_EQ(range_partitioner(few, 50).num_partitions(), 3);
    auto const even = range(context, 0, 1000, 8).key_by([](auto i) { return i; });
    auto const tenth = range_partitioner(even, 10);
    EXPECT_EQ(tenth.num_partitions(), 10);
    auto const sizes = partition_counts(even.partition_by(tenth), "count");
    EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), 130);
}

// ---- Skew: no rank may get the work, the memory or the bytes of a heavy key where they can be
// ---- shared, and where they cannot, it spills and finishes.

/// The greatest number of a rank, over the mean.
double imbalance(Context const& context, std::int64_t mine) {
    auto const most = static_cast<double>(context.comm().all_reduce(mine, Reduce::max));
    auto const all = static_cast<double>(context.comm().all_reduce(mine, Reduce::sum));
    return most * context.comm().size() / all;
}

TEST(Skew, SortsShareAHeavyKey) {
    for (Context const& context : {test::tight(), test::context_with(64 << 20, 2)}) {
        constexpr std::int64_t n = 60000;
        auto const rows = generate(context, n, skewed_at, 35);
        for (auto const& sorted : {rows.sort_by_key({}, 35), rows.sort({}, 35)}) {
            std::int64_t mine = 0, last = -1;
            auto const local = sorted.filter([](auto const& p) { return p.first == 500; })
                                   .values()
                                   .collect_local();
            mine = static_cast<std::int64_t>(local.size());
            EXPECT_LT(imbalance(context, mine), 1.4);
            for (std::int64_t const value : local) EXPECT_LT(std::exchange(last, value), value);
            EXPECT_EQ(sorted.count(), n);
        }
        EXPECT_LE(context.memory().kept_bytes(), context.memory().kept_limit());
    }
}

TEST(Skew, FoldsSendAHeavyKeyOnce) {
    Context const context = test::context_with(64 << 20, 2);
    constexpr std::int64_t n = 100000;
    auto const rows = generate(context, n, skewed_at, 35);
    auto const ones = rows.map_values([](std::int64_t) { return std::int64_t{1}; });
    auto const reduced = ones.reduce_by_key(std::plus<>{});
    auto const counted = rows.aggregate_by_key(
        std::int64_t{0}, [](std::int64_t sum, std::int64_t) { return sum + 1; }, std::plus<>{});
    EXPECT_EQ(reduced.lookup(std::int64_t{500}), counted.lookup(std::int64_t{500}));
    EXPECT_EQ(reduced.values().sum(), n);
    // A tenth of the rows has other keys; the heavy one comes once of each partition, or a little
    // more often. Twice, for there were two folds, 16 bytes and some overhead each.
    std::int64_t const sent = context.comm().all_reduce(context.traffic().bytes_sent, Reduce::sum);
    EXPECT_LT(sent, 2 * 3 * 16 * n / 10);
}

/// What must be on one rank by its meaning goes to scratch there, and equals what ample memory
/// gives.
TEST(Skew, GroupsAndJoinsOfAHeavyKeySpillAndFinish) {
    constexpr std::int64_t n = 120000;
    auto const answer = [](Context const& context) {
        auto const rows = generate(context, n, skewed_at, 11);
        auto const grouped = rows.group_by_key().map([](auto const& group) {
            std::uint64_t hash = 0;
            for (std::int64_t value : group.values())
                hash = combine_hashes(hash, static_cast<std::uint64_t>(value));
            return std::pair(group.key, hash);
        });
        auto const few = range(context, 0, 1000, 5).map([](auto i) { return std::pair(i, -i); });
        auto const joined = rows.join(few).map([](auto const& row) {
            return combine_hashes(static_cast<std::uint64_t>(row.second.first),
                                  static_cast<std::uint64_t>(row.second.second));
        });
        auto const combine = [](std::uint64_t a, std::uint64_t b) { return combine_hashes(a, b); };
        return std::tuple(grouped.values().reduce(combine), joined.count(), joined.reduce(combine));
    };
    Context const tight = test::tight();
    auto const found = answer(tight);
    EXPECT_EQ(found, answer(test::context_with(256 << 20, 2)));
    EXPECT_GT(tight.comm().all_reduce(tight.traffic().bytes_spilled, Reduce::max), 0);
    EXPECT_EQ(std::get<1>(found), n);
}

}  // namespace
}  // namespace partita::dataset
