#pragma once

// The main of GoogleTest programs that run on several ranks. In one source file of a program:
//
//     #include <partita/testing/main.hpp>
//     int main(int argc, char** argv) { return partita::testing::run_tests(argc, argv); }
//
// Rank 0 reports; a failure on any rank is a failure of the test, printed with its rank; all ranks
// exit with the same status; and running no test at all is a failure. No ASSERT_* between
// collective calls: a rank that leaves a test leaves the others waiting.

#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mpi.h>

namespace partita::testing {

namespace detail {

inline int world_rank() {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

inline int world_size() {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

inline std::string describe(::testing::TestPartResult const& part) {
    std::string const place =
        part.file_name() ? std::string(part.file_name()) + ":" + std::to_string(part.line_number())
                         : "unknown file";
    return place + ": " + part.message() + "\n";
}

/// Every rank's text on rank 0, by rank; empty elsewhere. Collective.
inline std::vector<std::string> gather(std::string const& text) {
    int const length = static_cast<int>(text.size());
    std::vector<int> lengths(static_cast<std::size_t>(world_size()));
    MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD);
    std::vector<int> starts(lengths.size() + 1, 0);
    for (std::size_t r = 0; r < lengths.size(); ++r) starts[r + 1] = starts[r] + lengths[r];
    std::vector<char> all(static_cast<std::size_t>(starts.back()));
    MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR,
                0, MPI_COMM_WORLD);
    std::vector<std::string> texts;
    if (world_rank() != 0) return texts;
    for (std::size_t r = 0; r < lengths.size(); ++r)
        texts.emplace_back(all.data() + starts[r], static_cast<std::size_t>(lengths[r]));
    return texts;
}

/// Brings the other ranks' failures to rank 0, where they become failures of the same test.
class FailureGatherer : public ::testing::EmptyTestEventListener {
    void OnTestPartResult(::testing::TestPartResult const& part) override {
        // The rest of the test is skipped here; should the others now wait for this rank until
        // the time limit, this line is the only trace.
        if (part.fatally_failed() && world_rank() != 0)
            std::fprintf(stderr, "rank %d: %s", world_rank(), describe(part).c_str());
    }

    void OnTestEnd(::testing::TestInfo const& test) override {
        std::string failures;
        ::testing::TestResult const& result = *test.result();
        for (int i = 0; i < result.total_part_count(); ++i) {
            ::testing::TestPartResult const& part = result.GetTestPartResult(i);
            if (part.failed()) failures += describe(part);
        }
        std::vector<std::string> const all = gather(failures);
        for (std::size_t r = 1; r < all.size(); ++r)
            if (!all[r].empty()) ADD_FAILURE() << "on rank " << r << ":\n" << all[r];
    }
};

/// Only rank 0 writes, and all ranks run the tests in the same order.
inline void set_up_reporting() {
    ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
    if (world_rank() != 0) {
        delete listeners.Release(listeners.default_result_printer());
        GTEST_FLAG_SET(output, "");
    }
    // Listeners hear of ends in reverse order: this one goes before the printer.
    listeners.Append(new FailureGatherer);
    int seed = GTEST_FLAG_GET(random_seed);
    if (GTEST_FLAG_GET(shuffle) && seed == 0) seed = static_cast<int>(MPI_Wtime()) % 99999 + 1;
    MPI_Bcast(&seed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    GTEST_FLAG_SET(random_seed, seed);
}

inline int run_registered_tests() {
    if (GTEST_FLAG_GET(list_tests)) return world_rank() == 0 ? RUN_ALL_TESTS() : 0;
    int status = RUN_ALL_TESTS();
    if (::testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
        if (world_rank() == 0) std::fprintf(stderr, "no tests were run\n");
        status = 1;
    }
    return status;
}

}  // namespace detail

/// Start MPI, run all tests on all ranks, and return the exit status that ranks agree on.
inline int run_tests(int argc, char** argv) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    ::testing::InitGoogleTest(&argc, argv);
    detail::set_up_reporting();
    int status = detail::run_registered_tests();
    MPI_Allreduce(MPI_IN_PLACE, &status, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    MPI_Finalize();
    return status;
}

}  // namespace partita::testing
