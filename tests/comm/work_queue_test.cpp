#include "partita/comm/work_queue.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace partita::work_queue_test {
namespace {

Communicator world() { return Communicator::world(); }

/// How often each unit of [0, units) was taken, over all ranks.
std::vector<std::int64_t> count(std::vector<RowRange> const& taken, std::int64_t units) {
    std::vector<std::int64_t> times(static_cast<std::size_t>(units), 0);
    for (RowRange const& run : taken)
        for (std::int64_t unit = run.first; unit < run.last; ++unit)
            ++times[static_cast<std::size_t>(unit)];
    world().all_reduce(std::span<std::int64_t>(times), Reduce::sum);
    return times;
}

TEST(WorkQueue, EveryUnitIsTakenOnceInRunsThatBecomeSmaller) {
    constexpr std::int64_t units = 1000;
    WorkQueue queue(world());
    for (std::int64_t first : {0, 17, 999, 1000}) {  // one queue for several rounds
        queue.start(first, units);
        std::vector<RowRange> taken;
        for (RowRange run = queue.take(3, 100); run.size() > 0; run = queue.take(3, 100)) {
            EXPECT_LE(run.size(), 100);
            EXPECT_TRUE(run.size() >= 3 || run.last == units) << run.first;
            if (!taken.empty()) {
                EXPECT_GE(run.first, taken.back().last);
                EXPECT_LE(run.size(), taken.back().size());
            }
            taken.push_back(run);
        }
        EXPECT_EQ(queue.take(3, 100).size(), 0);
        EXPECT_EQ(queue.finish(), units);
        std::vector<std::int64_t> expected(units, 1);
        for (std::int64_t unit = 0; unit < first; ++unit)
            expected[static_cast<std::size_t>(unit)] = 0;
        EXPECT_EQ(count(taken, units), expected) << first;
    }
}

TEST(WorkQueue, WhatNobodyTookIsLeftForTheNextRound) {
    WorkQueue queue(world());
    queue.start(10, 1000);
    std::vector<RowRange> const taken{queue.take(5, 5)};  // each rank has room for five
    std::int64_t const next = queue.finish();
    EXPECT_EQ(next, 10 + 5 * world().size());
    std::vector<std::int64_t> const times = count(taken, 1000);
    for (std::int64_t unit = 0; unit < 1000; ++unit)
        EXPECT_EQ(times[static_cast<std::size_t>(unit)], unit >= 10 && unit < next) << unit;
}

TEST(WorkQueue, WhoComesLateTakesAPartOfWhatIsLeft) {
    WorkQueue queue(world());
    queue.start(0, 1000);
    std::int64_t const parts = std::int64_t{4} * world().size();
    bool const late = world().rank() == world().size() - 1;
    if (late) queue.take(1, 1000);
    world().barrier();
    if (world().is_root()) queue.take(960, 960);
    world().barrier();
    if (late) {
        RowRange const run = queue.take(1, 1000);
        EXPECT_LE(run.size(), std::max<std::int64_t>(1, 40 / parts));
    }
    queue.finish();
}

TEST(WorkQueue, ARankThatIsFiveTimesSlowerHoldsNobodyUp) {
    constexpr std::int64_t units = 2000, never = units * 5;
    int const ranks = world().size();
    std::int64_t const pace = ranks > 1 && world().rank() == ranks - 1 ? 5 : 1;
    WorkQueue queue(world());
    queue.start(0, units);
    // Time is counted, not taken: whoever is done first takes the next run.
    std::vector<std::int64_t> done(static_cast<std::size_t>(ranks), 0), waits = done;
    for (;;) {
        auto const next = std::min_element(waits.begin(), waits.end());
        if (*next == never) break;
        if (next - waits.begin() == world().rank()) {
            std::int64_t const took = queue.take(1, units).size() * pace;
            auto const mine = static_cast<std::size_t>(world().rank());
            done[mine] += took;
            waits[mine] = took == 0 ? never : done[mine];
        }
        done = world().all_gather(done[static_cast<std::size_t>(world().rank())]);
        waits = world().all_gather(waits[static_cast<std::size_t>(world().rank())]);
    }
    queue.finish();
    double const ideal = units / (ranks > 1 ? ranks - 0.8 : 1);
    EXPECT_LT(static_cast<double>(*std::max_element(done.begin(), done.end())), 1.3 * ideal);
}

TEST(WorkQueue, OneRankMayTakeEverything) {
    WorkQueue queue(world());
    queue.start(0, 64);
    std::int64_t mine = 0;
    if (world().rank() == world().size() - 1)
        for (std::int64_t got = 1; got > 0; mine += got) got = queue.take(1, 64).size();
    EXPECT_EQ(queue.finish(), 64);
    EXPECT_EQ(world().all_reduce(mine, Reduce::sum), 64);
    EXPECT_EQ(mine, world().rank() == world().size() - 1 ? 64 : 0);
}

TEST(WorkQueue, NoUnitsAtAll) {
    WorkQueue queue(world());
    queue.start(0, 0);
    queue.serve();
    EXPECT_EQ(queue.take(1, 10).size(), 0);
    EXPECT_EQ(queue.finish(), 0);
}

}  // namespace
}  // namespace partita::work_queue_test
