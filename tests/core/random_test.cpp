#include "partita/core/random.hpp"

#include <array>
#include <cmath>
#include <random>
#include <set>

#include <gmock/gmock.h>

namespace partita {
namespace {

static_assert(std::uniform_random_bit_generator<RandomStream>);

// Data sets, samples and tests are made from these: they may never change.
TEST(RandomStream, GivesTheNumbersItAlwaysGave) {
    RandomStream first(1, 2);
    for (std::uint64_t const expected :
         {0xb787e7e3c9353cccu, 0xdd60d076954b2d2fu, 0x30e1ce9da590e588u, 0x9cd0ba3644c1d595u})
        EXPECT_EQ(first(), expected);
    RandomStream second(0);
    for (std::uint64_t const expected :
         {0x3761fd3e38e819c2u, 0x2a586614c993ef73u, 0x5e8f63a09fd26287u})
        EXPECT_EQ(second(), expected);
}

TEST(RandomStream, GivesTheSameDistributionsEverywhere) {
    RandomStream random(7, 3);
    // log, sin and cos of other C libraries may differ in the last bit.
    EXPECT_NEAR(random.normal(), 0.45879185578491816, 1e-15);
    EXPECT_NEAR(random.normal(), 1.3744493206155928, 1e-15);
    EXPECT_NEAR(random.normal(), -0.38144326776919324, 1e-15);
    EXPECT_NEAR(random.normal(), 0.019416447897854339, 1e-15);
    EXPECT_EQ(random.uniform(), 0.74430924015524447);
    EXPECT_EQ(random.uniform(), 0.93600147738926753);
    EXPECT_EQ(random.uniform(), 0.47212248889706177);
    EXPECT_EQ(random.below(1000), 33u);
    EXPECT_EQ(random.below(1000), 772u);
    EXPECT_EQ(random.below(1000), 358u);
}

TEST(RandomStream, StreamsAndSeedsDiffer) {
    std::set<std::uint64_t> firsts;
    for (std::uint64_t seed = 0; seed < 100; ++seed)
        for (std::uint64_t stream = 0; stream < 100; ++stream)
            firsts.insert(RandomStream(seed, stream)());
    EXPECT_EQ(firsts.size(), 10000u);
}

TEST(RandomStream, NeighbouringStreamsAreUncorrelated) {
    double sum = 0;
    int const streams = 20000;
    for (int stream = 0; stream < streams; ++stream)
        sum += (RandomStream(5, stream).uniform() - 0.5) *
               (RandomStream(5, stream + 1).uniform() - 0.5);
    EXPECT_NEAR(sum / streams * 12, 0, 5 / std::sqrt(streams));
}

TEST(RandomStream, UniformHasItsMoments) {
    RandomStream random(11);
    int const draws = 200'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
        double const x = random.uniform();
        ASSERT_TRUE(x >= 0 && x < 1) << x;
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / draws, 1.0 / 2, 0.003);
    EXPECT_NEAR(squares / draws, 1.0 / 3, 0.003);
}

TEST(RandomStream, NormalHasItsMoments) {
    RandomStream random(13);
    int const draws = 200'000;
    std::array<double, 5> moments{};
    for (int i = 0; i < draws; ++i) {
        double const x = random.normal();
        double power = 1;
        for (double& moment : moments) {
            moment += power / draws;
            power *= x;
        }
    }
    EXPECT_NEAR(moments[1], 0, 0.01);
    EXPECT_NEAR(moments[2], 1, 0.015);
    EXPECT_NEAR(moments[3], 0, 0.04);
    EXPECT_NEAR(moments[4], 3, 0.12);
}

TEST(RandomStream, BelowIsEvenAndInRange) {
    RandomStream random(17);
    std::array<int, 7> counts{};
    for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
    for (int const count : counts) EXPECT_NEAR(count, 10'000, 500);
    EXPECT_EQ(random.below(1), 0u);
}

}  // namespace
}  // namespace partita
