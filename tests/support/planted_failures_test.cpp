// Run by CTest to see that mpi_main.cpp reports what it should; these tests fail on purpose.

#include <gtest/gtest.h>
#include <mpi.h>

namespace {

int rank() {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

TEST(Planted, FailsOnRankOneOnly) { EXPECT_NE(rank(), 1) << "planted"; }

TEST(Planted, PassesOnAllRanks) { EXPECT_GE(rank(), 0); }

}  // namespace
