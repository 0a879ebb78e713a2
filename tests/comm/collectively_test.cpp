#include "partita/comm/collectively.hpp"

#include "partita/comm/mpi_error.hpp"

#include <new>
#include <vector>

#include <gtest/gtest.h>

namespace partita::collectively_test {
namespace {

Communicator world() { return Communicator::world(); }

/// The message of the CollectiveError that `call` throws, "(none)" when it returns.
template <class Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (CollectiveError const& error) {
        return error.what();
    }
    return "(none)";
}

TEST(Collectively, ReturnsWhatTheWorkReturnsHere) {
    int const doubled = collectively(world(), "double", [] { return 2 * world().rank(); });
    EXPECT_EQ(doubled, 2 * world().rank());
    bool done = false;
    collectively(world(), "do it", [&] { done = true; });
    EXPECT_TRUE(done);
}

TEST(Collectively, MovesResultsThatCannotBeCopied) {
    auto const pointer =
        collectively(world(), "make one", [] { return std::make_unique<int>(world().rank()); });
    EXPECT_EQ(*pointer, world().rank());
}

TEST(Collectively, FailureOfOneRankReachesAllWithItsRank) {
    for (int failing = 0; failing < world().size(); ++failing) {
        std::string const message = message_of([&] {
            collectively(world(), "read 'x.csv'", [&] {
                check(world().rank() != failing, "line 3: expected a number, got \"abc\"");
            });
        });
        std::string const suffix =
            world().size() == 1 ? "" : " (rank " + std::to_string(failing) + ")";
        EXPECT_EQ(message, "read 'x.csv': line 3: expected a number, got \"abc\"" + suffix);
    }
}

TEST(Collectively, SameWordsEverywhereNeedNoRank) {
    EXPECT_EQ(message_of([] { collectively(world(), "open", [] { fail("x: no such file"); }); }),
              "open: x: no such file");
}

TEST(Collectively, DifferentFailuresReportTheLowestRankAndCountTheRest) {
    int const size = world().size();
    std::string const message = message_of(
        [&] { collectively(world(), "parse", [] { fail("bad line {}", world().rank()); }); });
    std::string expected = "parse: bad line 0";
    if (size > 1) expected += " (rank 0)";
    if (size == 2) expected += " (and 1 more rank)";
    if (size > 2) expected += " (and " + std::to_string(size - 1) + " more ranks)";
    EXPECT_EQ(message, expected);
}

TEST(Collectively, SameWordsOnSomeRanksOnly) {
    if (world().size() < 3) GTEST_SKIP() << "needs 3 ranks";
    std::string const message = message_of(
        [&] { collectively(world(), "parse", [] { check(world().rank() == 0, "bad"); }); });
    std::string const others =
        world().size() == 3 ? "1 more rank" : std::to_string(world().size() - 2) + " more ranks";
    EXPECT_EQ(message, "parse: bad (rank 1) (and " + others + ")");
}

TEST(Collectively, EmptyMessageIsAFailureToo) {
    EXPECT_EQ(message_of([] { collectively(world(), "", [] { fail("{}", ""); }); }), "");
}

TEST(Collectively, OutOfMemoryAndForeignExceptions) {
    EXPECT_EQ(message_of([] { collectively(world(), "", [] { throw std::bad_alloc(); }); }),
              "out of memory");
    EXPECT_EQ(message_of([] { collectively(world(), "", [] { throw 42; }); }), "unknown error");
    EXPECT_EQ(message_of([] {
                  collectively(world(), "", []() -> int { throw std::out_of_range("at: 7"); });
              }),
              "at: 7");
}

TEST(Collectively, MpiErrorsAreNotAgreedOn) {
    EXPECT_THROW(collectively(Communicator::self(), "send", [] { throw MpiError("MPI_Send: x"); }),
                 MpiError);
}

TEST(Collectively, MessagesOfAnyLengthArrive) {
    std::string const long_text(200000, 'y');
    int const last = world().size() - 1;
    std::string const message = message_of([&] {
        collectively(world(), "", [&] {
            if (world().rank() == last) throw Error(long_text);
        });
    });
    EXPECT_EQ(message.substr(0, long_text.size()), long_text);
}

TEST(Agree, TakesMessagesInsteadOfExceptions) {
    EXPECT_EQ(message_of([] { agree(world(), "step", std::nullopt); }), "(none)");
    EXPECT_EQ(message_of([] { agree(world(), "step", "disk full"); }), "step: disk full");
}

TEST(CheckMpi, NamesTheFunctionAndMpisText) {
    EXPECT_NO_THROW(check_mpi(MPI_SUCCESS, "MPI_Bcast"));
    try {
        char byte = 0;
        check_mpi(MPI_Bcast(&byte, 1, MPI_BYTE, world().size(), world().handle()), "MPI_Bcast");
        ADD_FAILURE() << "a root outside the communicator was accepted";
    } catch (MpiError const& error) {
        EXPECT_EQ(std::string(error.what()).rfind("MPI_Bcast: MPI_ERR_ROOT", 0), 0u)
            << error.what();
    }
}

}  // namespace
}  // namespace partita::collectively_test
