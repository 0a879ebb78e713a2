#include "partita/io/ordered_text.hpp"

#include "support/shared_folder.hpp"

#include "partita/core/file.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace partita::io::ordered_text_test {
namespace {

using test::SharedFolder;

Communicator world() { return Communicator::world(); }

std::string block_of(int round, int rank) {
    // Uneven, and empty on some ranks in some rounds.
    std::string text;
    for (int i = 0; i < (round * 3 + rank * 5) % 7; ++i)
        text += std::to_string(round) + "/" + std::to_string(rank) + "\n";
    return text;
}

TEST(OrderedTextWriter, BlocksFollowInOrderOfRoundsAndRanks) {
    SharedFolder folder(world());
    OrderedTextWriter out(world(), folder.file("x.txt"), false);
    std::string expected;
    for (int round = 0; round < 5; ++round) {
        out.write(block_of(round, world().rank()));
        for (int rank = 0; rank < world().size(); ++rank) expected += block_of(round, rank);
        EXPECT_EQ(out.bytes(), static_cast<std::int64_t>(expected.size()));
    }
    out.commit();
    EXPECT_EQ(read_text_file(folder.file("x.txt")), expected);
}

TEST(OrderedTextWriter, WithoutCommitNothingRemains) {
    SharedFolder folder(world());
    { OrderedTextWriter(world(), folder.file("x.txt"), false).write("half"); }
    world().barrier();
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace partita::io::ordered_text_test
