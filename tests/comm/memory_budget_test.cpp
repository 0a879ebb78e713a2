#include "partita/comm/memory_budget.hpp"

#include "support/scoped_env.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/memory.hpp"

#include <gtest/gtest.h>

namespace partita::memory_budget_test {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;

Communicator world() { return Communicator::world(); }

std::string refusal(std::optional<std::int64_t> per_rank, std::int64_t least_bytes = mebibyte) {
    Topology const topology(world());
    try {
        memory_budget(world(), topology, per_rank, least_bytes);
    } catch (CollectiveError const& error) {
        return error.what();
    }
    return "(none)";
}

TEST(MemoryBudget, GivenSizeIsUsed) {
    Topology const topology(world());
    MemoryBudget const budget = memory_budget(world(), topology, 3 * mebibyte);
    EXPECT_EQ(budget.per_rank_bytes, 3 * mebibyte);
    EXPECT_EQ(budget.per_node_bytes, 3 * mebibyte * topology.ranks_on_node());
    EXPECT_EQ(budget.origin, "given");
}

TEST(MemoryBudget, SmallestGivenSizeWins) {
    Topology const topology(world());
    std::int64_t const mine = (10 - world().rank()) * mebibyte;
    EXPECT_EQ(memory_budget(world(), topology, mine).per_rank_bytes,
              (11 - world().size()) * mebibyte);
}

TEST(MemoryBudget, ShareOfTheNodeIsTheSameEverywhereAndFits) {
    Topology const topology(world());
    MemoryBudget const budget = memory_budget(world(), topology, std::nullopt);
    EXPECT_EQ(budget.per_rank_bytes, world().all_reduce(budget.per_rank_bytes, Reduce::max));
    EXPECT_GE(budget.per_rank_bytes, mebibyte);
    EXPECT_LE(budget.per_rank_bytes * topology.ranks_on_machine(),
              node_memory().total_bytes / 100 * 80);
    EXPECT_EQ(budget.origin, world().broadcast(budget.origin));
    EXPECT_EQ(budget.origin.rfind("80 % of ", 0), 0u) << budget.origin;
}

TEST(MemoryBudget, EmulatedNodesShareTheRealMemory) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    MemoryBudget const budget = memory_budget(world(), topology, std::nullopt);
    EXPECT_LE(budget.per_rank_bytes * topology.ranks_on_machine(),
              node_memory().total_bytes / 100 * 80);
    EXPECT_EQ(budget.per_node_bytes, budget.per_rank_bytes);
}

TEST(MemoryBudget, RefusesTooLittleAndTooMuch) {
    EXPECT_EQ(refusal(4096), "memory: expected at least 1.00 MiB per rank, got 4.00 KiB");
    EXPECT_EQ(refusal(-5).rfind("memory: expected at least 1.00 MiB per rank, got ", 0), 0u);
    EXPECT_EQ(refusal(4096, 8192), "memory: expected at least 8.00 KiB per rank, got 4.00 KiB");
    EXPECT_EQ(refusal(8192, 8192), "(none)");
    std::string const too_much = refusal(std::int64_t{1} << 60);
    EXPECT_EQ(too_much.rfind("memory: expected at most ", 0), 0u) << too_much;
}

}  // namespace
}  // namespace partita::memory_budget_test
