#include "partita/comm/node_shared.hpp"

#include "support/scoped_env.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/scratch.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace partita::node_shared_test {
namespace {

Communicator world() { return Communicator::world(); }

/// Names in /dev/shm that carry this process's tag.
int names_left() {
    int found = 0;
    for (auto const& entry : std::filesystem::directory_iterator("/dev/shm"))
        found += entry.path().filename().string().find(process_tag()) != std::string::npos;
    return found;
}

void expect_shared_within_nodes() {
    Topology const topology(world());
    int const ranks = topology.ranks_on_node(), me = topology.rank_on_node();
    NodeSharedMemory memory(topology, ranks * 100);
    EXPECT_EQ(memory.size(), ranks * 100);
    EXPECT_EQ(names_left(), 0);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(memory.data()[me * 100 + i], std::byte{0});
        memory.data()[me * 100 + i] = static_cast<std::byte>(10 * topology.node() + me + 1);
    }
    memory.synchronise();
    for (int i = 0; i < ranks * 100; ++i)
        EXPECT_EQ(memory.data()[i], static_cast<std::byte>(10 * topology.node() + i / 100 + 1));
    memory.synchronise();
}

TEST(NodeShared, WritesOfOneRankAreSeenByTheOthersOfItsNode) { expect_shared_within_nodes(); }

TEST(NodeShared, EmulatedNodesHaveTheirOwn) {
    for (char const* const most : {"1", "2", "3"}) {
        test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", most);
        expect_shared_within_nodes();
    }
}

TEST(NodeShared, LeadersSizeCounts) {
    Topology const topology(world());
    NodeSharedMemory const memory(topology, topology.is_node_leader() ? 5000 : -7);
    EXPECT_EQ(memory.size(), 5000);
}

TEST(NodeShared, NothingAtAll) {
    NodeSharedMemory const memory(Topology(world()), 0);
    EXPECT_EQ(memory.size(), 0);
    memory.synchronise();
}

TEST(NodeShared, MovesAndLetsGoLocally) {
    Topology const topology(world());
    NodeSharedMemory first(topology, 10);
    NodeSharedMemory second = std::move(first);
    second.data()[0] = std::byte{1};
    if (world().is_root()) NodeSharedMemory(std::move(second));  // the others need not follow
    first = NodeSharedMemory(topology, 20);
    EXPECT_EQ(first.size(), 20);
}

TEST(NodeShared, MoreThanTheMachineHasIsAnErrorOnAll) {
    Topology const topology(world());
    EXPECT_THROW(NodeSharedMemory(topology, std::int64_t{1} << 50), CollectiveError);
    EXPECT_THROW(NodeSharedMemory(topology, -1), CollectiveError);
    EXPECT_EQ(names_left(), 0);
}

}  // namespace
}  // namespace partita::node_shared_test
