#include "partita/core/cpu.hpp"

#include "core/cgroup.hpp"
#include "support/error_message.hpp"
#include "support/scoped_env.hpp"
#include "support/temp_folder.hpp"

#include <sched.h>

#include <gmock/gmock.h>

namespace partita {
namespace {

using detail::cgroup_core_limit;
using test::error_message;
using test::ScopedEnv;
using test::TempFolder;

TEST(CpuLevel, CanBeLoweredButNotRaised) {
    ScopedEnv const none("PARTITA_CPU", nullptr);
    CpuLevel const best = cpu_level();
    for (CpuLevel const level : {CpuLevel::scalar, CpuLevel::avx2, CpuLevel::avx512}) {
        ScopedEnv const wanted("PARTITA_CPU", to_string(level).c_str());
        EXPECT_EQ(cpu_level(), std::min(best, level));
    }
    ScopedEnv const empty("PARTITA_CPU", "");
    EXPECT_EQ(cpu_level(), best);
}

TEST(CpuLevel, UnknownNamesAreRejected) {
    ScopedEnv const wanted("PARTITA_CPU", "avx513");
    EXPECT_EQ(error_message([] { cpu_level(); }),
              "PARTITA_CPU: expected scalar, avx2 or avx512, got 'avx513' "
              "(did you mean 'avx512'?)");
}

TEST(AvailableCores, FollowsTheAffinityMask) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    EXPECT_GE(available_cores(), 1);
    EXPECT_LE(available_cores(), CPU_COUNT(&all));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &all) && CPU_COUNT(&one) == 0) CPU_SET(cpu, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(available_cores(), 1);
    sched_setaffinity(0, sizeof all, &all);
}

TEST(CpuModel, IsOneLine) {
    EXPECT_FALSE(cpu_model().empty());
    EXPECT_EQ(cpu_model().find('\n'), std::string::npos);
}

TEST(CgroupCores, NoCgroupIsNoLimit) {
    TempFolder const root;
    EXPECT_FALSE(cgroup_core_limit(root.path()).has_value());
}

TEST(CgroupCores, Version2TakesTheTightestAncestor) {
    TempFolder const root;
    root.put("proc/self/cgroup", "0::/jobs/17/step\n");
    root.put("sys/fs/cgroup/jobs/17/step/cpu.max", "max 100000\n");
    EXPECT_FALSE(cgroup_core_limit(root.path()).has_value());
    root.put("sys/fs/cgroup/jobs/17/cpu.max", "250000 100000\n");
    EXPECT_EQ(cgroup_core_limit(root.path()), 3);  // 2.5 cores pay for three threads
    root.put("sys/fs/cgroup/jobs/cpu.max", "50000 100000\n");
    EXPECT_EQ(cgroup_core_limit(root.path()), 1);
}

TEST(CgroupCores, Version1ReadsTheQuota) {
    TempFolder const root;
    root.put("proc/self/cgroup", "3:memory:/m\n2:cpu,cpuacct:/docker/abc\n");
    root.put("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    root.put("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
    EXPECT_FALSE(cgroup_core_limit(root.path()).has_value());
    root.put("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "400000\n");
    EXPECT_EQ(cgroup_core_limit(root.path()), 4);
}

TEST(CgroupCores, NonsenseIsNoLimit) {
    TempFolder const root;
    root.put("proc/self/cgroup", "garbage\n0:\n\n");
    root.put("sys/fs/cgroup/cpu.max", "100000 0\n");
    EXPECT_FALSE(cgroup_core_limit(root.path()).has_value());
    root.put("sys/fs/cgroup/cpu.max", "soon\n");
    EXPECT_FALSE(cgroup_core_limit(root.path()).has_value());
}

}  // namespace
}  // namespace partita
