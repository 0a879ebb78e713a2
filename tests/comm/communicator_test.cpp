#include "partita/comm/communicator.hpp"

#include "comm/limits.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

namespace {

int largest_broadcast = 0;

}  // namespace

/// MPI's own name for the function that this one watches is PMPI_Bcast.
extern "C" int MPI_Bcast(void* data, int count, MPI_Datatype type, int root, MPI_Comm comm) {
    largest_broadcast = std::max(largest_broadcast, count);
    return PMPI_Bcast(data, count, type, root, comm);
}

namespace partita::communicator_test {
namespace {

using comm_limits::ScopedPieceBytes;

Communicator world() { return Communicator::world(); }

TEST(Communicator, RanksAreNumberedFromZero) {
    std::vector<int> const ranks = world().all_gather(world().rank());
    ASSERT_EQ(static_cast<int>(ranks.size()), world().size());
    for (int r = 0; r < world().size(); ++r) EXPECT_EQ(ranks[static_cast<std::size_t>(r)], r);
    EXPECT_EQ(world().is_root(), world().rank() == 0);
}

TEST(Communicator, SelfIsAlone) {
    Communicator const self = Communicator::self();
    EXPECT_EQ(self.size(), 1);
    EXPECT_EQ(self.rank(), 0);
    EXPECT_EQ(self.all_reduce(41, Reduce::sum), 41);
    EXPECT_EQ(self.broadcast(std::string("x")), "x");
}

TEST(Communicator, SplitOrdersByKeyThenRank) {
    Communicator const comm = world();
    Communicator const half = comm.split(comm.rank() % 2, -comm.rank());
    int const members = (comm.size() + 1 - comm.rank() % 2) / 2;
    EXPECT_EQ(half.size(), members);
    EXPECT_EQ(half.rank(), members - 1 - comm.rank() / 2);
    std::vector<int> const world_ranks = half.all_gather(comm.rank());
    for (std::size_t i = 1; i < world_ranks.size(); ++i)
        EXPECT_EQ(world_ranks[i - 1], world_ranks[i] + 2);
}

TEST(Communicator, BroadcastInPiecesFromEveryRoot) {
    Communicator const comm = world();
    for (std::int64_t const piece : {1, 7, 8, 100, 1 << 20}) {
        ScopedPieceBytes const limit(piece);
        for (int root = 0; root < comm.size(); ++root) {
            std::vector<std::int32_t> values(25, -1);
            if (comm.rank() == root) std::iota(values.begin(), values.end(), root);
            largest_broadcast = 0;
            comm.broadcast(std::span<std::int32_t>(values), root);
            EXPECT_EQ(largest_broadcast, comm.size() == 1 ? 0 : std::min<std::int64_t>(piece, 100));
            for (int i = 0; i < 25; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], root + i);
        }
    }
}

TEST(Communicator, BroadcastOfTextWithAnyLength) {
    Communicator const comm = world();
    int const root = comm.size() - 1;
    for (std::string const& text :
         {std::string(), std::string("a\0b", 3), std::string(100000, 'x')}) {
        std::string const mine = comm.rank() == root ? text : "something else";
        EXPECT_EQ(comm.broadcast(mine, root), text);
    }
}

TEST(Communicator, BroadcastOfOneValue) {
    struct Pair {
        double first;
        int second;
    };
    Pair const pair = world().broadcast(world().is_root() ? Pair{2.5, 7} : Pair{0, 0});
    EXPECT_EQ(pair.first, 2.5);
    EXPECT_EQ(pair.second, 7);
}

template <class T>
class Reductions : public testing::Test {};
using Numbers =
    testing::Types<double, float, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t>;
TYPED_TEST_SUITE(Reductions, Numbers);

TYPED_TEST(Reductions, AllReduceAgreesWithALoopOverRanks) {
    Communicator const comm = world();
    int const size = comm.size();
    auto const one = static_cast<TypeParam>(comm.rank() + 1);
    EXPECT_EQ(comm.all_reduce(one, Reduce::sum), static_cast<TypeParam>(size * (size + 1) / 2));
    EXPECT_EQ(comm.all_reduce(one, Reduce::min), TypeParam{1});
    EXPECT_EQ(comm.all_reduce(one, Reduce::max), static_cast<TypeParam>(size));
}

TYPED_TEST(Reductions, PiecesDoNotShowInTheResult) {
    Communicator const comm = world();
    int const size = comm.size(), rank = comm.rank();
    for (std::int64_t const piece : {1, 24, 1 << 20}) {
        ScopedPieceBytes const limit(piece);
        std::vector<TypeParam> sums(10), before(10);
        for (int i = 0; i < 10; ++i)
            sums[static_cast<std::size_t>(i)] = before[static_cast<std::size_t>(i)] =
                static_cast<TypeParam>(rank + 10 * i);
        comm.all_reduce(std::span<TypeParam>(sums), Reduce::sum);
        comm.exclusive_sum(std::span<TypeParam>(before));
        for (int i = 0; i < 10; ++i) {
            auto const at = static_cast<std::size_t>(i);
            EXPECT_EQ(sums[at], static_cast<TypeParam>(size * (size - 1) / 2 + size * 10 * i));
            EXPECT_EQ(before[at], static_cast<TypeParam>(rank * (rank - 1) / 2 + rank * 10 * i));
        }
    }
}

TEST(Communicator, SumsOf64BitsAreExact) {
    std::int64_t const big = (std::int64_t{1} << 53) + 1;
    EXPECT_EQ(world().all_reduce(big, Reduce::sum), big * world().size());
    EXPECT_EQ(world().exclusive_sum(big), big * world().rank());
}

TEST(Communicator, ReductionOfNothing) {
    world().all_reduce(std::span<double>(), Reduce::max);
    world().exclusive_sum(std::span<double>());
    EXPECT_TRUE(world().all_gather_varying(std::span<double const>()).empty());
}

TEST(Communicator, GatherOfVaryingLengthsInPieces) {
    Communicator const comm = world();
    std::vector<std::int32_t> expected;
    for (int r = 0; r < comm.size(); ++r)
        for (int i = 0; i < r % 3 * 5; ++i) expected.push_back(100 * r + i);
    std::vector<std::int32_t> mine;
    for (int i = 0; i < comm.rank() % 3 * 5; ++i) mine.push_back(100 * comm.rank() + i);
    for (std::int64_t const piece : {1, 16, 1 << 20}) {
        ScopedPieceBytes const limit(piece);
        EXPECT_EQ(comm.all_gather_varying(std::span<std::int32_t const>(mine)), expected);
    }
}

TEST(Communicator, GatherOfTexts) {
    Communicator const comm = world();
    std::string const mine(static_cast<std::size_t>(comm.rank() % 3), 'a');
    std::vector<std::string> const texts = comm.all_gather_text(mine);
    ASSERT_EQ(static_cast<int>(texts.size()), comm.size());
    for (int r = 0; r < comm.size(); ++r)
        EXPECT_EQ(texts[static_cast<std::size_t>(r)],
                  std::string(static_cast<std::size_t>(r % 3), 'a'));
}

TEST(Communicator, HandlesAreCheapCopiesOfOneGroup) {
    Communicator const comm = world();
    Communicator const copy = comm;
    EXPECT_EQ(copy.handle(), comm.handle());
    copy.barrier();
}

}  // namespace
}  // namespace partita::communicator_test
