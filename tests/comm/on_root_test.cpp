#include "partita/comm/on_root.hpp"

#include <gtest/gtest.h>

namespace partita::on_root_test {
namespace {

TEST(OnRoot, OnlyRootWorks) {
    Communicator const world = Communicator::world();
    std::int64_t calls = 0;
    on_root(world, [&] { ++calls; });
    EXPECT_EQ(calls, world.is_root() ? 1 : 0);
}

TEST(OnRoot, ItsFailureIsEverybodysInTheSameWords) {
    Communicator const world = Communicator::world();
    std::string message;
    try {
        on_root(world, [] { fail("x.h5: no such file"); });
    } catch (CollectiveError const& error) {
        message = error.what();
    }
    EXPECT_EQ(message, "x.h5: no such file");
}

}  // namespace
}  // namespace partita::on_root_test
