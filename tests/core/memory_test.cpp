#include "partita/core/memory.hpp"

#include "support/error_message.hpp"
#include "support/scoped_env.hpp"
#include "support/temp_folder.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"

#include <cstring>

#include <gmock/gmock.h>

namespace partita::memory_test {
namespace {

using test::error_message;
using test::TempFolder;
using ::testing::HasSubstr;

constexpr std::int64_t mib = 1 << 20;

/// A machine of 1000 MiB of which 600 are free.
class FakeMachine : public ::testing::Test {
  protected:
    FakeMachine() {
        root_.put("proc/meminfo",
                  "MemTotal:        1024000 kB\nMemFree:  10 kB\nMemAvailable:     614400 kB\n");
    }
    void cgroup_of_process(std::string const& lines) { root_.put("proc/self/cgroup", lines); }
    void put(std::string const& file, std::int64_t mebibytes) {
        root_.put("sys/fs/cgroup/" + file, std::to_string(mebibytes * mib) + "\n");
    }
    void put_text(std::string const& file, std::string const& text) {
        root_.put("sys/fs/cgroup/" + file, text);
    }
    void expect(std::int64_t total, std::int64_t available, std::string const& limited_by) {
        NodeMemory const memory = node_memory(root_.path());
        EXPECT_EQ(memory.total_bytes, total * mib);
        EXPECT_EQ(memory.available_bytes, available * mib);
        EXPECT_EQ(memory.limited_by, limited_by);
    }

    TempFolder root_;
};

TEST_F(FakeMachine, WithoutCgroupsPhysicalMemoryCounts) { expect(1000, 600, "physical memory"); }

TEST_F(FakeMachine, Version2LimitsTotalAndAvailable) {
    cgroup_of_process("0::/box\n");
    put("box/memory.max", 300);
    put("box/memory.current", 120);
    expect(300, 180, "cgroup v2");
}

TEST_F(FakeMachine, FilesThatCanBeDroppedAreFree) {
    cgroup_of_process("0::/box\n");
    put("box/memory.max", 300);
    put("box/memory.current", 120);
    put_text("box/memory.stat", "anon 1\nfile 2\ninactive_file_x 7\ninactive_file " +
                                    std::to_string(70 * mib) + "\nactive_file 3\n");
    expect(300, 250, "cgroup v2");
}

TEST_F(FakeMachine, TheTightestAncestorCounts) {
    cgroup_of_process("0::/slice/job/step\n");
    put_text("slice/job/step/memory.max", "max\n");
    put("slice/job/memory.max", 500);
    put("slice/job/memory.current", 10);
    put("slice/memory.max", 700);
    put("slice/memory.current", 650);  // neighbours have taken most of it
    expect(500, 50, "cgroup v2");
}

TEST_F(FakeMachine, AContainerSeesItsOwnCgroupAtTheMountPoint) {
    cgroup_of_process("0::/\n");
    put("memory.max", 400);
    put("memory.current", 100);
    expect(400, 300, "cgroup v2");
    cgroup_of_process("0::/../../other\n");  // outside of what the namespace shows
    put("../../other/memory.max", 1);
    expect(400, 300, "cgroup v2");
}

TEST_F(FakeMachine, ALimitAboveThePhysicalMemoryIsNone) {
    cgroup_of_process("0::/box\n");
    put("box/memory.max", 5000);
    put("box/memory.current", 120);
    expect(1000, 600, "physical memory");
}

TEST_F(FakeMachine, TheThrottlingLimitCountsToo) {
    cgroup_of_process("0::/box\n");
    put_text("box/memory.max", "max\n");
    put("box/memory.high", 200);
    put("box/memory.current", 50);
    expect(200, 150, "cgroup v2");
}

TEST_F(FakeMachine, MoreUsedThanAllowedLeavesNothing) {
    cgroup_of_process("0::/box\n");
    put("box/memory.max", 100);
    put("box/memory.current", 101);
    expect(100, 0, "cgroup v2");
}

TEST_F(FakeMachine, Version1IsRead) {
    cgroup_of_process("5:cpu,cpuacct:/elsewhere\n4:memory:/slurm/job_7\n1:name=systemd:/x\n");
    put("memory/slurm/job_7/memory.limit_in_bytes", 250);
    put("memory/slurm/job_7/memory.usage_in_bytes", 100);
    put_text("memory/slurm/job_7/memory.stat",
             "inactive_file 5\ntotal_inactive_file " + std::to_string(20 * mib) + "\n");
    put_text("memory/memory.limit_in_bytes", "9223372036854771712\n");  // what "none" looks like
    put("memory/memory.usage_in_bytes", 100);
    expect(250, 170, "cgroup v1");
}

TEST_F(FakeMachine, Version1InAContainerFallsBackToTheMountPoint) {
    cgroup_of_process("4:memory:/docker/0123\n");
    put("memory/memory.limit_in_bytes", 250);
    put("memory/memory.usage_in_bytes", 100);
    expect(250, 150, "cgroup v1");
}

TEST_F(FakeMachine, NonsenseIsNoLimit) {
    cgroup_of_process("0::/box");
    put_text("box/memory.max", "plenty\n");
    put_text("box/memory.current", "\n");
    expect(1000, 600, "physical memory");
}

TEST_F(FakeMachine, WhatSlurmGaveOfTheNodeIsALimit) {
    std::string const slurm = "Slurm's memory for the job";
    test::ScopedEnv const cpus("SLURM_CPUS_ON_NODE", "4");
    {
        test::ScopedEnv const node("SLURM_MEM_PER_NODE", "500");
        expect(500, 500, slurm);
        cgroup_of_process("0::/box\n");
        put("box/memory.max", 550);
        put("box/memory.current", 70);
        expect(500, 480, slurm);
    }
    expect(550, 480, "cgroup v2");
    test::ScopedEnv const cpu("SLURM_MEM_PER_CPU", "50");
    expect(200, 200, slurm);
    // All of the node, which --mem=0 asks for.
    test::ScopedEnv const node("SLURM_MEM_PER_NODE", "0");
    test::ScopedEnv const none("SLURM_MEM_PER_CPU", "0");
    expect(550, 480, "cgroup v2");
}

TEST(NodeMemory, SaysWhatIsMissing) {
    TempFolder const root;
    EXPECT_THAT(error_message([&] { node_memory(root.path()); }), HasSubstr("cannot be read"));
    root.put("proc/meminfo", "MemTotal: 5 kB\n");
    EXPECT_THAT(error_message([&] { node_memory(root.path()); }), HasSubstr("'MemAvailable:'"));
}

TEST(NodeMemory, OfThisMachineIsPlausible) {
    NodeMemory const memory = node_memory();
    EXPECT_GT(memory.available_bytes, 0);
    EXPECT_LE(memory.available_bytes, memory.total_bytes);
}

TEST(ResidentBytes, GrowWithWhatIsTouched) {
    std::int64_t const size = 64 * mib;
    std::int64_t const before = anonymous_resident_bytes();
    Buffer<char> buffer(size);
    std::memset(buffer.data(), 1, static_cast<std::size_t>(size));
    std::int64_t const after = anonymous_resident_bytes();
    EXPECT_GE(after - before, size * 9 / 10);
    EXPECT_GE(peak_resident_bytes(), after);
    EXPECT_EQ(buffer[size - 1], 1);
}

}  // namespace
}  // namespace partita::memory_test
