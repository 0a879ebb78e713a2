#include "dataset/spill_policy.hpp"

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

constexpr std::int64_t mib = 1 << 20;

/// Feed a policy what it would have measured, and count how many of 100 blocks it compresses.
int compressed_of_100(double write_seconds, double compress_seconds, double share_left) {
    SpillPolicy policy(SpillCompression::automatic);
    int compressed = 0;
    for (int block = 0; block < 100; ++block) {
        std::int64_t bytes = mib;
        if (policy.compress_next()) {
            ++compressed;
            bytes = static_cast<std::int64_t>(share_left * mib);
            policy.compressed(mib, bytes, compress_seconds);
        }
        policy.wrote(bytes, write_seconds * static_cast<double>(bytes) / mib);
    }
    return compressed;
}

TEST(SpillPolicy, CompressesWhereScratchIsSlowAndDataShrinks) {
    EXPECT_GE(compressed_of_100(0.010, 0.003, 0.3), 90);
    EXPECT_LE(compressed_of_100(0.001, 0.003, 0.3), 10) << "scratch is fast";
    EXPECT_LE(compressed_of_100(0.010, 0.003, 1.0), 10) << "data do not shrink";
}

TEST(SpillPolicy, FollowsAScratchThatBecomesSlow) {
    SpillPolicy policy(SpillCompression::automatic);
    policy.wrote(mib, 0.0005);
    policy.compressed(mib, mib / 4, 0.003);
    policy.compressed(mib, mib / 4, 0.003);
    EXPECT_FALSE(policy.pays());
    for (int i = 0; i < 10; ++i) policy.wrote(mib, 0.01);
    EXPECT_TRUE(policy.pays());
}

TEST(SpillPolicy, DoesAsItIsTold) {
    SpillPolicy always(SpillCompression::always), never(SpillCompression::never);
    for (int i = 0; i < 70; ++i) {
        EXPECT_TRUE(always.compress_next());
        EXPECT_FALSE(never.compress_next());
    }
}

}  // namespace
}  // namespace partita::dataset
