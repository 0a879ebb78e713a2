#include "partita/comm/topology.hpp"

#include "support/scoped_env.hpp"

#include "partita/comm/collectively.hpp"

#include <gtest/gtest.h>

namespace partita::topology_test {
namespace {

using test::ScopedEnv;

Communicator world() { return Communicator::world(); }

/// What must hold for every topology, whatever the machine.
void expect_consistent(Topology const& topology) {
    Communicator const comm = world();
    EXPECT_EQ(topology.on_node().size(), topology.ranks_on_node());
    EXPECT_EQ(topology.on_node().rank(), topology.rank_on_node());
    EXPECT_EQ(topology.is_node_leader(), topology.rank_on_node() == 0);
    EXPECT_EQ(topology.leaders() != nullptr, topology.is_node_leader());
    if (comm.is_root()) {
        EXPECT_TRUE(topology.is_node_leader());
        EXPECT_EQ(topology.node(), 0);
    }
    if (Communicator const* leaders = topology.leaders()) {
        EXPECT_EQ(leaders->size(), topology.nodes());
        EXPECT_EQ(leaders->rank(), topology.node());
    }
    std::vector<int> members(static_cast<std::size_t>(topology.nodes()), 0);
    for (int const node : comm.all_gather(topology.node()))
        ++members.at(static_cast<std::size_t>(node));
    EXPECT_EQ(members[static_cast<std::size_t>(topology.node())], topology.ranks_on_node());
}

TEST(Topology, OfThisMachine) {
    Topology const topology(world());
    expect_consistent(topology);
    EXPECT_EQ(topology.ranks_on_machine(), topology.ranks_on_node());
}

TEST(Topology, SeveralNodesOnOneMachine) {
    int const size = world().size();
    for (int most = 1; most <= size + 1; ++most) {
        ScopedEnv const set("PARTITA_RANKS_PER_NODE", std::to_string(most).c_str());
        Topology const topology(world());
        expect_consistent(topology);
        if (topology.ranks_on_machine() == size) {
            EXPECT_EQ(topology.nodes(), (size + most - 1) / most);
            EXPECT_EQ(topology.node(), world().rank() / most);
            EXPECT_EQ(topology.rank_on_node(), world().rank() % most);
        }
    }
}

TEST(Topology, RanksOfAnotherCommunicator) {
    Communicator const odd_even = world().split(world().rank() % 2);
    ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    EXPECT_EQ(Topology(odd_even).nodes(), odd_even.size());
}

TEST(Topology, SettingThatIsNoNumberIsOneErrorEverywhere) {
    for (char const* const bad : {"0", "-1", "two", "1x", "99999999999"}) {
        ScopedEnv const set("PARTITA_RANKS_PER_NODE", bad);
        try {
            Topology const topology(world());
            ADD_FAILURE() << "accepted " << bad;
        } catch (CollectiveError const& error) {
            EXPECT_EQ(
                std::string(error.what())
                    .rfind(std::string("PARTITA_RANKS_PER_NODE: expected a number of ranks, at "
                                       "least 1, got \"") +
                               bad + "\"",
                           0),
                0u)
                << error.what();
        }
    }
}

TEST(Topology, RootsSettingCounts) {
    ScopedEnv const set("PARTITA_RANKS_PER_NODE", world().is_root() ? "1" : "bad");
    EXPECT_EQ(Topology(world()).nodes(), world().size());
}

}  // namespace
}  // namespace partita::topology_test
