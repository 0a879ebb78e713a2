#include "partita/core/scratch.hpp"

#include "support/error_message.hpp"
#include "support/scoped_env.hpp"
#include "support/temp_folder.hpp"

#include "partita/core/error.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace partita {
namespace {

using test::error_message;
using test::ScopedEnv;
using test::TempFolder;
using ::testing::EndsWith;
using ::testing::StartsWith;

/// The tag of a process that was and is no more.
std::string dead_tag() {
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0) return "";
    pid_t const child = fork();
    if (child == 0) {
        std::string const tag = process_tag();
        _exit(::write(pipe_ends[1], tag.data(), tag.size()) == static_cast<ssize_t>(tag.size())
                  ? 0
                  : 1);
    }
    waitpid(child, nullptr, 0);
    char tag[512];
    ssize_t const size = ::read(pipe_ends[0], tag, sizeof tag);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return {tag, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

/// `tag` with its last part, the start time, changed: another process with the same id.
std::string with_other_start(std::string const& tag) { return tag + "1"; }

/// Field 22 of /proc/PID/stat; the name of this program has no spaces.
std::string start_time_of(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string field;
    for (int i = 1; i <= 22; ++i) stat >> field;
    return field;
}

TEST(ProcessTag, NamesProcessAndStart) {
    EXPECT_THAT(process_tag(),
                EndsWith("-" + std::to_string(getpid()) + "-" + start_time_of(getpid())));
}

TEST(ProcessTag, IsStableAndAlive) {
    EXPECT_EQ(process_tag(), process_tag());
    EXPECT_TRUE(process_tag_alive(process_tag()));
}

TEST(ProcessTag, OfAnEndedProcessIsDead) {
    std::string const tag = dead_tag();
    EXPECT_NE(tag, "");
    EXPECT_NE(tag, process_tag());
    EXPECT_FALSE(process_tag_alive(tag));
}

TEST(ProcessTag, AReusedProcessIdIsNotTheOldProcess) {
    EXPECT_FALSE(process_tag_alive(with_other_start(process_tag())));
}

TEST(ProcessTag, AZombieIsDead) {
    pid_t const child = fork();
    if (child == 0) _exit(0);
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);  // ended, not collected
    std::string const own = process_tag();
    std::string const host = own.substr(0, own.find("-" + std::to_string(getpid()) + "-"));
    EXPECT_FALSE(
        process_tag_alive(host + "-" + std::to_string(child) + "-" + start_time_of(child)));
    waitpid(child, nullptr, 0);
}

TEST(ProcessTag, WhatCannotBeJudgedCountsAsAlive) {
    EXPECT_TRUE(process_tag_alive("some-other-host-1234567-99"));
    for (char const* tag : {"", "-", "--", "a-b-c", "host-1-", "host--1-2", "1-2"})
        EXPECT_TRUE(process_tag_alive(tag)) << tag;
}

TEST(ScratchDir, LivesAsLongAsItsOwner) {
    TempFolder const parent;
    std::string path;
    {
        ScratchDir const scratch(parent.path());
        ScratchDir const other(parent.path());
        path = scratch.path();
        EXPECT_THAT(path, StartsWith(parent.path() + "/partita-" + process_tag()));
        EXPECT_NE(path, other.path());
        EXPECT_TRUE(std::filesystem::is_directory(path));
        std::ofstream(path + "/spill") << "x";
    }
    EXPECT_EQ(parent.entries(), 0);
}

TEST(ScratchDir, MovesWithItsOwner) {
    TempFolder const parent;
    {
        ScratchDir first(parent.path());
        std::string const path = first.path();
        ScratchDir const second = std::move(first);
        EXPECT_EQ(second.path(), path);
        EXPECT_EQ(parent.entries(), 1);
    }
    EXPECT_EQ(parent.entries(), 0);
}

TEST(ScratchDir, RemovesWhatAKilledProcessLeft) {
    TempFolder const parent;
    pid_t const child = fork();
    if (child == 0) {
        ScratchDir const scratch(parent.path());
        std::ofstream(scratch.path() + "/spill") << "x";
        _exit(9);  // as a kill: no destructor runs
    }
    waitpid(child, nullptr, 0);
    ASSERT_EQ(parent.entries(), 2);
    ScratchDir const scratch(parent.path());
    EXPECT_EQ(parent.entries(), 1);
}

TEST(ScratchDir, LeavesEverybodyElseAlone) {
    TempFolder const parent;
    for (std::string const& name :
         {"partita-" + process_tag() + "-77", std::string("partita-elsewhere-5-6-0"),
          std::string("partita-test-x"), std::string("results"), dead_tag() + "-0"})
        std::filesystem::create_directory(parent.file(name));
    remove_stale_scratch(parent.path());
    EXPECT_EQ(parent.entries(), 5);
    std::filesystem::create_directory(parent.file("partita-" + dead_tag() + "-0"));
    parent.put("partita-" + dead_tag() + "-1", "a file");
    remove_stale_scratch(parent.path());
    EXPECT_EQ(parent.entries(), 5);
}

TEST(ScratchDir, AStaleLinkDoesNotLeadOutside) {
    TempFolder const parent, outside;
    outside.put("precious", "x");
    std::filesystem::create_symlink(outside.path(), parent.file("partita-" + dead_tag() + "-0"));
    remove_stale_scratch(parent.path());
    EXPECT_EQ(parent.entries(), 0);
    EXPECT_EQ(outside.entries(), 1);
}

TEST(ScratchDir, NeedsItsParent) {
    TempFolder const parent;
    EXPECT_EQ(error_message([&] { ScratchDir(parent.file("no")); }),
              parent.file("no") + ": cannot make a scratch folder: No such file or directory");
}

TEST(DefaultScratch, TakesTheFirstThatIsSet) {
    ScopedEnv const tmp("TMPDIR", nullptr), slurm("SLURM_TMPDIR", nullptr),
        own("PARTITA_SCRATCH", nullptr);
    EXPECT_EQ(default_scratch(), "/tmp");
    ScopedEnv const tmp_set("TMPDIR", "/a");
    EXPECT_EQ(default_scratch(), "/a");
    ScopedEnv const slurm_set("SLURM_TMPDIR", "/b");
    EXPECT_EQ(default_scratch(), "/b");
    ScopedEnv const own_set("PARTITA_SCRATCH", "/c");
    EXPECT_EQ(default_scratch(), "/c");
    ScopedEnv const own_empty("PARTITA_SCRATCH", "");
    EXPECT_EQ(default_scratch(), "/b");
}

}  // namespace
}  // namespace partita
