#include "partita/comm/all_to_all.hpp"

#include "comm/limits.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace {

int largest_sent = 0;

}  // namespace

/// MPI's own name for the function that this one watches is PMPI_Isend.
extern "C" int MPI_Isend(void const* data, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm comm, MPI_Request* request) {
    largest_sent = std::max(largest_sent, count);
    return PMPI_Isend(data, count, type, to, tag, comm, request);
}

namespace partita::all_to_all_test {
namespace {

Communicator world() { return Communicator::world(); }

/// Item i of the slice from one rank to another: everything that could be mixed up is in it.
struct Item {
    std::int32_t from, to;
    std::int64_t index;
    friend bool operator==(Item const&, Item const&) = default;
};

/// How many items go from one rank to another: a function, so that every rank knows what it must
/// receive without having been told.
using CountOf = std::int64_t (*)(std::uint64_t seed, int from, int to);

std::vector<Item> slices_from(int from, CountOf count_of, std::uint64_t seed,
                              std::vector<std::int64_t>& counts) {
    std::vector<Item> items;
    for (int to = 0; to < world().size(); ++to) {
        counts.push_back(count_of(seed, from, to));
        for (std::int64_t i = 0; i < counts.back(); ++i) items.push_back({from, to, i});
    }
    return items;
}

void expect_exchange(CountOf count_of, std::uint64_t seed, ExchangeLimits const& limits) {
    int const me = world().rank();
    std::vector<std::int64_t> counts;
    std::vector<Item> const items = slices_from(me, count_of, seed, counts);
    Received<Item> const received =
        all_to_all(world(), std::span<Item const>(items), counts, limits);

    std::vector<Item> expected;
    std::vector<std::int64_t> expected_counts;
    for (int from = 0; from < world().size(); ++from) {
        expected_counts.push_back(count_of(seed, from, me));
        for (std::int64_t i = 0; i < expected_counts.back(); ++i) expected.push_back({from, me, i});
    }
    EXPECT_EQ(received.counts, expected_counts) << "seed " << seed;
    std::vector<Item> const got(received.items().begin(), received.items().end());
    EXPECT_TRUE(got == expected) << "seed " << seed << ", chunk " << limits.chunk_bytes
                                 << ", in flight " << limits.in_flight_bytes;
}

std::int64_t even(std::uint64_t, int, int) { return 10; }
std::int64_t nothing(std::uint64_t, int, int) { return 0; }
std::int64_t all_to_the_last(std::uint64_t, int from, int to) {
    return to == world().size() - 1 ? 50 + from : 0;
}
std::int64_t all_from_the_first(std::uint64_t, int from, int to) { return from == 0 ? 40 + to : 0; }
std::int64_t only_own(std::uint64_t, int from, int to) { return from == to ? 33 : 0; }
std::int64_t any(std::uint64_t seed, int from, int to) {
    RandomStream random(seed, static_cast<std::uint64_t>(from * 1000 + to));
    return random.below(3) == 0 ? 0 : static_cast<std::int64_t>(random.below(60));
}

TEST(AllToAll, ShapesOfExchange) {
    for (CountOf const count_of : {even, nothing, all_to_the_last, all_from_the_first, only_own})
        for (ExchangeLimits const limits : {ExchangeLimits{}, ExchangeLimits{16, 32},
                                            ExchangeLimits{1, 1}, ExchangeLimits{7, 1000000}})
            expect_exchange(count_of, 0, limits);
}

TEST(AllToAll, RandomCountsAndLimits) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        RandomStream random(seed);
        ExchangeLimits limits;
        limits.chunk_bytes = 1 + static_cast<std::int64_t>(random.below(200));
        limits.in_flight_bytes = 1 + static_cast<std::int64_t>(random.below(2000));
        expect_exchange(any, seed, limits);
    }
}

TEST(AllToAll, MessagesHaveTheSizeOfAChunkAtMost) {
    int const expected = world().size() == 1 ? 0 : 9;
    largest_sent = 0;
    expect_exchange(even, 0, {9, 100});
    EXPECT_EQ(largest_sent, expected);
}

TEST(AllToAll, MessagesNeverExceedWhatACountCanHold) {
    comm_limits::ScopedPieceBytes const limit(3);
    largest_sent = 0;
    expect_exchange(even, 0, {});
    EXPECT_EQ(largest_sent, world().size() == 1 ? 0 : 3);
}

TEST(AllToAll, ManyChunksInBothProtocols) {
    // Below and above the size from which Open MPI makes the sender wait for the receiver.
    for (std::int64_t const chunk : {1000, 100000}) {
        std::vector<std::byte> const send(static_cast<std::size_t>(300000 * world().size()),
                                          static_cast<std::byte>(world().rank() + 1));
        std::vector<std::int64_t> const bytes(static_cast<std::size_t>(world().size()), 300000);
        std::vector<std::int64_t> from;
        Buffer<std::byte> received;
        all_to_all_bytes(world(), send, bytes, from, received, {chunk, 4 * chunk});
        EXPECT_EQ(from, bytes);
        std::int64_t wrong = 0;
        for (std::int64_t i = 0; i < received.size(); ++i)
            wrong += received[i] != static_cast<std::byte>(i / 300000 + 1);
        EXPECT_EQ(wrong, 0);
    }
}

std::string refusal(std::vector<std::int64_t> const& counts, std::size_t items) {
    std::vector<std::int32_t> const values(items);
    try {
        all_to_all(world(), std::span<std::int32_t const>(values), counts);
    } catch (CollectiveError const& error) {
        return error.what();
    }
    return "(none)";
}

TEST(AllToAll, WrongCountsOfOneRankAreTheSameErrorOnAll) {
    auto const ranks = static_cast<std::size_t>(world().size());
    bool const last = world().rank() == world().size() - 1;
    std::string const where =
        ranks == 1 ? "" : " (rank " + std::to_string(world().size() - 1) + ")";
    std::vector<std::int64_t> const good(ranks, 1);

    std::vector<std::int64_t> counts = good;
    if (last) counts[0] = 2;
    EXPECT_EQ(refusal(counts, ranks), "all_to_all: expected counts that add up to the " +
                                          std::to_string(4 * ranks) + " bytes to send, got " +
                                          std::to_string(4 * ranks + 4) + where);
    counts = good;
    if (last) counts.push_back(0);
    EXPECT_EQ(refusal(counts, ranks), "all_to_all: expected counts for " + std::to_string(ranks) +
                                          " ranks, got " + std::to_string(ranks + 1) + where);
    for (std::int64_t const bad : {std::int64_t{-1}, std::int64_t{1} << 62}) {
        counts = good;
        if (last) counts[0] = bad;
        EXPECT_EQ(refusal(counts, ranks),
                  "all_to_all: expected counts of at least 0 whose sizes fit 63 bits" + where);
    }
    EXPECT_EQ(refusal(good, ranks), "(none)");  // and the communicator still works
}

}  // namespace
}  // namespace partita::all_to_all_test
