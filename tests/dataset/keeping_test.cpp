#include "dataset/contexts.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/dataset/sources.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

using test::error_message;
using testing::HasSubstr;

/// How often the functions of a chain ran on this rank.
struct Calls {
    std::atomic<std::int64_t> count = 0;
    std::int64_t everywhere() const {
        return Communicator::world().all_reduce(count.load(), Reduce::sum);
    }
};

auto counted(Context const& context, Calls& calls, std::int64_t n, std::int64_t partitions) {
    return range(context, 0, n, partitions).map([&calls](std::int64_t i) {
        ++calls.count;
        return std::to_string(i * i);
    });
}

TEST(Cache, RunsTheChainOnce) {
    for (Persist const where : {Persist::memory, Persist::memory_and_disk, Persist::disk}) {
        Calls calls;
        auto const numbers = counted(test::threaded(), calls, 1000, 9);
        auto const cached = numbers.cache(where);
        EXPECT_EQ(calls.everywhere(), 0);
        EXPECT_EQ(cached.collect(), cached.filter([](auto const&) { return true; }).collect());
        EXPECT_EQ(cached.count(), 1000);
        EXPECT_EQ(calls.everywhere(), 1000);
        EXPECT_EQ(cached.collect(), numbers.collect());
        cached.unpersist();
        EXPECT_EQ(cached.context().memory().kept_bytes(), 0);
        EXPECT_EQ(cached.count(), 1000);
        EXPECT_EQ(calls.everywhere(), 3000);
    }
}

TEST(Cache, KeepsToTheMemory) {
    std::vector<std::string> const expected = [] {
        Calls calls;
        return counted(test::roomy(), calls, 60000, 40).collect();
    }();
    for (Persist const where : {Persist::memory, Persist::memory_and_disk, Persist::disk}) {
        Calls calls;
        Context const context = test::context_with(1 << 20, 2);
        auto const cached = counted(context, calls, 150000, 40).cache(where);
        for (int i = 0; i < 2; ++i) EXPECT_EQ(cached.count(), 150000);
        EXPECT_EQ(cached.take(60000), expected);
        std::int64_t const spilled =
            context.comm().all_reduce(context.traffic().bytes_spilled, Reduce::sum);
        if (where == Persist::memory) {
            EXPECT_EQ(spilled, 0);
        } else if (where == Persist::disk || context.comm().size() < 3) {
            EXPECT_GT(spilled, 0);
        }
        EXPECT_LE(context.memory().kept_bytes(), context.memory().kept_limit());
        if (where == Persist::memory && context.comm().size() == 1) {
            EXPECT_GT(calls.count, 150000);
        }
        if (where != Persist::memory) {
            EXPECT_EQ(calls.everywhere(), 150000);
        }
    }
}

TEST(Cache, KeepsPlacesAndRuns) {
    Context const context = test::roomy();
    auto const placed =
        range(context, 0, 100).key_by([](std::int64_t i) { return i % 10; }).partition_by(7);
    auto const cached = placed.cache();
    EXPECT_EQ(cached.placement(), placed.placement());
    auto const joined = placed.values().union_with(range(context, 0, 10, 3)).cache();
    EXPECT_EQ(joined.num_partitions(), 10);
    EXPECT_EQ(joined.collect(), placed.values().union_with(range(context, 0, 10, 3)).collect());
    EXPECT_EQ(range(context, 0, 0, 1).cache().count(), 0);
}

TEST(Explain, TellsStagesAndExchanges) {
    Context const context = test::roomy();
    auto const sums = range(context, 0, 100, 5)
                          .map([](std::int64_t i) { return std::pair(i % 7, i); })
                          .reduce_by_key(std::plus<>{}, 8);
    auto const large = sums.filter([](auto const& pair) { return pair.second > 3; });
    EXPECT_EQ(large.explain(),
              "1. reduce_by_key: runs range | map\n"
              "   folded, then exchanged by hash(8): 8 partitions\n"
              "then: reduce_by_key | filter (of 1): 8 partitions, placed by hash(8)\n");
    auto const joined = large.join(range(context, 0, 9, 3).key_by([](auto i) { return i; }));
    EXPECT_EQ(joined.sort_by_key({}, 4).explain(),
              "1. reduce_by_key: runs range | map\n"
              "   folded, then exchanged by hash(8): 8 partitions\n"
              "2. join: runs range | key_by\n"
              "   exchanged by hash(8): 8 partitions\n"
              "3. join: runs (reduce_by_key | filter, join) (of 1, 2)\n"
              "   exchanges nothing: 8 partitions\n"
              "4. sort_by_key: runs join (of 3)\n"
              "   kept, then exchanged by ranges of a sample: 4 partitions\n"
              "then: sort_by_key (of 4): 4 partitions\n");
    sums.count();
    EXPECT_EQ(sums.cache(Persist::disk).explain(),
              "1. reduce_by_key: is computed\n"
              "   folded, then exchanged by hash(8): 8 partitions\n"
              "2. cache: runs reduce_by_key (of 1)\n"
              "   kept in scratch: 8 partitions\n"
              "then: cache (of 2): 8 partitions, placed by hash(8)\n");
}

/// A chain with a checkpoint in its middle, on the first `ranks` ranks; others get nothing.
std::vector<std::string> run_job(std::string const& folder, int ranks, Calls& before,
                                 std::string const& version = "") {
    Communicator const world = Communicator::world();
    Communicator const some = world.split(world.rank() < ranks ? 0 : 1);
    if (world.rank() >= ranks) return {};
    Options options;
    options.memory_bytes = 1 << 20;
    options.threads = 2;
    auto const pairs = range(Context(some, options), 0, 30000)
                           .map([&before](std::int64_t i) {
                               ++before.count;
                               return std::pair("key " + std::to_string(i % 5000), i);
                           })
                           .reduce_by_key(std::plus<>{})
                           .checkpoint(folder + "/sums", version);
    EXPECT_TRUE(pairs.placement());
    return pairs.reduce_by_key(std::plus<>{})
        .map([](auto const& pair) { return pair.first + " " + std::to_string(pair.second); })
        .collect();
}

TEST(Checkpoint, IsReadByAnyNumberOfRanks) {
    Communicator const world = Communicator::world();
    test::SharedFolder const folder(world);
    Calls first, later;
    std::vector<std::string> expected = run_job(folder.path(), world.size(), first);
    EXPECT_EQ(first.everywhere(), 30000);
    EXPECT_EQ(expected.size(), 5000u);
    world.barrier();
    for (int ranks = world.size(); ranks >= 1; --ranks) {
        auto const again = run_job(folder.path(), ranks, later);
        if (world.rank() < ranks) {
            EXPECT_EQ(again, expected) << ranks;
        }
        world.barrier();
    }
    EXPECT_EQ(later.everywhere(), 0);
}

TEST(Checkpoint, WithoutManifestIsWrittenAgain) {
    Communicator const world = Communicator::world();
    test::SharedFolder const folder(world);
    Calls calls;
    auto const expected = run_job(folder.path(), world.size(), calls);
    world.barrier();
    if (world.is_root()) {
        std::filesystem::remove(folder.file("sums/manifest"));
        std::ofstream(folder.file("sums/part-99.data")) << "of a larger job that was killed";
    }
    world.barrier();
    EXPECT_EQ(run_job(folder.path(), 1, calls),
              world.is_root() ? expected : std::vector<std::string>{});
    world.barrier();
    EXPECT_EQ(calls.everywhere(), 60000);
    std::vector<std::string> left;
    for (auto const& entry : std::filesystem::directory_iterator(folder.file("sums")))
        left.push_back(entry.path().filename().string());
    EXPECT_THAT(left, testing::UnorderedElementsAre("manifest", "part-0.data"));
}

TEST(Checkpoint, OfSomethingElseIsRefused) {
    Communicator const world = Communicator::world();
    test::SharedFolder const folder(world);
    Context const context = test::roomy();
    std::string const path = folder.file("numbers");
    auto const numbers = range(context, 0, 100, 7);
    numbers.checkpoint(path).count();
    auto const said = [&](auto const& dataset, std::string const& version = "") {
        return error_message([&] { dataset.checkpoint(path, version); });
    };
    EXPECT_EQ(said(numbers), "(no error)");
    std::string const advice = ": give another folder or remove this one";
    EXPECT_EQ(said(numbers, "2"),
              "checkpoint '" + path + "': expected version '2', found ''" + advice);
    EXPECT_EQ(said(numbers.filter([](auto) { return true; })),
              "checkpoint '" + path +
                  "': expected the result of 'range | filter | checkpoint', found that of "
                  "'range | checkpoint'" +
                  advice);
    EXPECT_THAT(said(numbers.map([](auto i) { return std::to_string(i); })),
                HasSubstr("expected elements of type "));
}

TEST(Checkpoint, DamageIsNoticed) {
    Communicator const world = Communicator::world();
    test::SharedFolder const folder(world);
    Context const context = test::roomy();
    std::string const path = folder.file("numbers");
    auto const numbers = range(context, 0, 1000, 1);
    numbers.checkpoint(path).count();
    auto const poke = [&](std::string const& name, std::int64_t offset) {
        if (world.is_root()) {
            std::fstream file(path + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(offset);
            file.put('!');
        }
        world.barrier();
    };
    auto const said = [&] { return error_message([&] { numbers.checkpoint(path).count(); }); };
    poke("part-0.data", 4003);
    EXPECT_THAT(said(),
                HasSubstr("checkpoint | count: " + path +
                          "/part-0.data: 8000 bytes from 0 are damaged: remove the folder"));
    if (world.is_root()) std::filesystem::resize_file(path + "/part-0.data", 7999);
    world.barrier();
    EXPECT_THAT(said(), HasSubstr("part-0.data: expected at least 8000 bytes, got 7999"));
    poke("manifest", 40);
    EXPECT_EQ(said(), "checkpoint '" + path + "': the manifest is damaged: remove the folder");
}

TEST(Checkpoint, AFailedChainLeavesNoCheckpoint) {
    test::SharedFolder const folder(Communicator::world());
    auto const failing = range(test::roomy(), 0, 100, 5).map([](std::int64_t i) {
        return i < 70 ? i : throw Error("too far");
    });
    std::string const path = folder.file("numbers");
    EXPECT_THAT(error_message([&] { failing.checkpoint(path).count(); }),
                HasSubstr("range | map | checkpoint: map (operation 2): too far"));
    Communicator::world().barrier();
    EXPECT_TRUE(std::filesystem::is_empty(path));
    EXPECT_THAT(error_message([&] { failing.checkpoint("/proc/nowhere/x").count(); }),
                HasSubstr("/proc/nowhere/x: "));
}

}  // namespace
}  // namespace partita::dataset
