#include "partita/comm/run_app.hpp"

#include "comm/cpu_mask.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita {
namespace {

using testing::HasSubstr;

struct Outcome {
    int status = -1;
    std::string output;  // stdout and stderr
};

/// Run a command in a shell without the settings with which the tests are launched, but for those
/// that let mpirun start as root.
Outcome run(std::string const& command) {
    std::string const clean =
        "unset OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_hwloc_base_binding_policy "
        "OMPI_MCA_mpi_yield_when_idle OMPI_MCA_pml OMP_NUM_THREADS PARTITA_BIND; " +
        command + " 2>&1 </dev/null";
    FILE* const pipe = popen(clean.c_str(), "r");
    Outcome outcome;
    std::array<char, 4096> part;
    while (std::size_t const got = fread(part.data(), 1, part.size(), pipe))
        outcome.output.append(part.data(), got);
    int const status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return outcome;
}

std::string const probe = RUN_APP_PROBE;
std::string const mpirun = MPIRUN " -q --timeout 20 ";

int count(std::string const& text, std::string const& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

TEST(RunApp, QuietSuccess) {
    for (std::string const& launch :
         {std::string(), mpirun + "-n 2 ", mpirun + "--oversubscribe -n 4 "}) {
        Outcome const outcome = run(launch + probe);
        EXPECT_EQ(outcome.status, 0) << launch;
        EXPECT_EQ(outcome.output, "") << launch;
    }
}

TEST(RunApp, BodysResultIsTheExitStatus) {
    EXPECT_EQ(run(probe + " seven").status, 7);
    EXPECT_EQ(run(mpirun + "-n 2 " + probe + " seven").status, 7);
}

TEST(RunApp, CollectiveErrorIsPrintedOnce) {
    Outcome const outcome = run(mpirun + "--oversubscribe -n 3 " + probe + " collective");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "partita: work: the last rank failed (rank 2)\n");
    Outcome const alone = run(probe + " collective");
    EXPECT_EQ(alone.status, 1);
    EXPECT_EQ(alone.output, "partita: work: the last rank failed\n");
}

TEST(RunApp, LonelyFailureEndsTheJobWithItsRank) {
    Outcome const outcome = run(mpirun + "--oversubscribe -n 3 " + probe + " lonely");
    EXPECT_EQ(outcome.status, 1) << outcome.output;
    EXPECT_EQ(count(outcome.output, "partita: rank 2: nobody knows\n"), 1) << outcome.output;
    EXPECT_THAT(run(mpirun + "-n 2 " + probe + " foreign").output,
                HasSubstr("partita: rank 1: unknown error\n"));
    Outcome const lost = run(mpirun + "-n 2 " + probe + " mpi");
    EXPECT_THAT(lost.output, HasSubstr("partita: rank 1: MPI_Send: broken\n"));
    EXPECT_EQ(lost.status, lost_status);
}

TEST(RunApp, WhoIsAskedToStopEndsWithTheStatusForTheQueue) {
    Outcome const outcome = run(mpirun + "--oversubscribe -n 3 " + probe + " stop");
    EXPECT_EQ(outcome.status, 75);
    EXPECT_EQ(outcome.output, "partita: stopped\n");
    EXPECT_EQ(run(probe + " stop").status, 75);
    // Without StopSignals, and the second time, the signals end the process as ever.
    EXPECT_EQ(run("sh -c '" + probe + " \"no stop\"; exit $?'").status, 128 + SIGUSR1);
    EXPECT_EQ(run("sh -c '" + probe + " \"stop twice\"; exit $?'").status, 128 + SIGTERM);
}

TEST(RunApp, RanksThatOutnumberCoresYield) {
    // Open MPI itself yields only when told that the slots are oversubscribed.
    Outcome const crowded =
        run("taskset -c 0 " + mpirun + "--host localhost:3 -n 3 " + probe + " where");
    EXPECT_EQ(count(crowded.output, "threads 1 yield 1"), 3) << crowded.output;
    EXPECT_THAT(run(mpirun + "-n 1 " + probe + " where").output, HasSubstr("yield (null)"));
}

TEST(RunApp, TheFullestNodeOfASlurmStepCounts) {
    EXPECT_THAT(run("SLURM_STEP_TASKS_PER_NODE='1000(x2),1' " + probe + " where").output,
                HasSubstr("threads 1 yield 1"));
}

TEST(RunApp, RanksThatShareTheCoresOutUseAllOfTheirs) {
    std::size_t const all = allowed_cpus(0).size(), half = std::max<std::size_t>(1, all / 2);
    std::string const both = run(mpirun + "-n 2 " + probe + " where").output;
    auto const with = [&](std::size_t cores) {
        return count(both, fmt::format("cores {0} threads {0} ", cores));
    };
    // Of an odd number one has one more.
    bool const even = all == 1 || all % 2 == 0;
    EXPECT_EQ(with(half), even ? 2 : 1) << both;
    EXPECT_EQ(with(half + 1), even ? 0 : 1) << both;
}

TEST(RunApp, DefaultBindingGivesWayToTheRanksShareOfTheCores) {
    std::string const cores = std::to_string(allowed_cpus(0).size());
    std::string const all = "cores " + cores + " threads " + cores + " ";
    EXPECT_THAT(run(probe + " where").output, HasSubstr(all));
    EXPECT_THAT(run(mpirun + "-n 1 " + probe + " where").output, HasSubstr(all));
    EXPECT_THAT(run(mpirun + "-n 1 sh -c '" + probe + " where; :'").output, HasSubstr(all));
    EXPECT_THAT(run("taskset -c 0 " + mpirun + "-n 1 " + probe + " where").output,
                HasSubstr("cores 1 threads 1 "));
}

TEST(RunApp, WhatTheUserBoundStaysBound) {
    for (std::string const option : {"--bind-to core ", "--map-by slot:PE=1 "})
        EXPECT_THAT(run(mpirun + option + "-n 1 " + probe + " where").output,
                    HasSubstr("cores 1 threads 1 "));
    EXPECT_THAT(run("PARTITA_BIND=keep " + mpirun + "-n 1 " + probe + " where").output,
                HasSubstr("cores 1 threads 1 "));
    EXPECT_THAT(run("OMP_NUM_THREADS=3 " + mpirun + "-n 1 " + probe + " where").output,
                HasSubstr("threads 3 "));
    EXPECT_THAT(
        run("OMPI_MCA_mpi_yield_when_idle=0 " + mpirun + "--oversubscribe -n 9 " + probe + " where")
            .output,
        HasSubstr("yield 0"));
}

TEST(RunApp, NoRankCanDieWithALockThatMpirunWaitsFor) {
    std::string const by_default = "env -u PMIX_MCA_gds " + mpirun;
    EXPECT_EQ(run(by_default + "-n 2 " + probe + " locks").output, "");
    // The probe would notice Open MPI's own default.
    std::string const shared =
        run("PMIX_MCA_gds=ds21,hash " + mpirun + "-n 2 " + probe + " locks").output;
    EXPECT_EQ(count(shared, "shares a lock"), 2) << shared;
}

TEST(RunApp, RanksOfOneNodeLookForNoNetwork) {
    EXPECT_EQ(count(run(mpirun + "--oversubscribe -n 2 " + probe + " where").output, "pml ob1"), 2);
    std::string const one_of_two_nodes =
        "sh -c 'OMPI_COMM_WORLD_LOCAL_SIZE=1 exec " + probe + " where'";
    EXPECT_EQ(count(run(mpirun + "--oversubscribe -n 2 " + one_of_two_nodes).output, "pml (null)"),
              2);
    EXPECT_THAT(run("OMPI_MCA_pml=^ucx " + mpirun + "-n 1 " + probe + " where").output,
                HasSubstr("pml ^ucx"));
    EXPECT_THAT(run("OMPI_MCA_mtl=^psm " + mpirun + "-n 1 " + probe + " where").output,
                HasSubstr("pml (null)"));
}

TEST(CpuMask, SharesAreDisjointAndComplete) {
    std::vector<int> const cpus = {4, 5, 6, 7, 9};
    EXPECT_EQ(share_of_cpus(cpus, 2, 0), (std::vector<int>{4, 5, 6}));
    EXPECT_EQ(share_of_cpus(cpus, 2, 1), (std::vector<int>{7, 9}));
    EXPECT_EQ(share_of_cpus(cpus, 5, 4), (std::vector<int>{9}));
    EXPECT_EQ(share_of_cpus(cpus, 6, 5), cpus);
    EXPECT_EQ(share_of_cpus({}, 1, 0), std::vector<int>{});
}

TEST(CpuMask, MachineOrderKeepsTheSet) {
    std::vector<int> const cpus = allowed_cpus(0);
    std::vector<int> ordered = in_machine_order(cpus);
    std::sort(ordered.begin(), ordered.end());
    EXPECT_EQ(ordered, cpus);
    EXPECT_FALSE(cpus.empty());
}

}  // namespace
}  // namespace partita
