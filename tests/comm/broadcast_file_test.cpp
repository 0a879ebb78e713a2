#include "partita/comm/broadcast_file.hpp"

#include "comm/cached_copy.hpp"
#include "support/scoped_env.hpp"
#include "support/scoped_file_limit.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace partita::broadcast_file_test {
namespace {

namespace fs = std::filesystem;

Communicator world() { return Communicator::world(); }

std::string random_text(std::int64_t bytes) {
    RandomStream random(static_cast<std::uint64_t>(bytes));
    std::string text(static_cast<std::size_t>(bytes), '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    return text;
}

/// A folder with a file `input` and a folder per rank that plays the node's scratch.
class BroadcastFile : public testing::Test {
  protected:
    explicit BroadcastFile(std::string const& parent = "") : folder_(world(), parent) {
        options_.cache_dir = folder_.file("node" + std::to_string(world().rank()));
        fs::create_directory(options_.cache_dir);
        options_.chunk_bytes = 1000;
    }

    void make_input(std::string const& text) {
        text_ = text;
        if (world().is_root()) std::ofstream(input(), std::ios::binary) << text;
        world().barrier();
    }
    std::string input() const { return folder_.file("input"); }

    BroadcastFileResult broadcast(Topology const& topology) {
        return broadcast_file(world(), topology, input(), options_);
    }

    /// What must hold for a result on every rank, for text_.
    void expect_delivered(BroadcastFileResult const& result, Topology const& topology) const {
        EXPECT_TRUE(read_text_file(result.local_path, 1 << 30) == text_) << result.local_path;
        EXPECT_EQ(result.file_bytes, static_cast<std::int64_t>(text_.size()));
        EXPECT_EQ(result.hash, hash_bytes(text_));
        EXPECT_EQ(result.nodes, topology.nodes());
        EXPECT_EQ(result.nodes_that_had_it, world().broadcast(result.nodes_that_had_it));
        EXPECT_EQ(result.seconds, world().broadcast(result.seconds));
        EXPECT_EQ(result.local_path, topology.on_node().broadcast(result.local_path));
        world().barrier();  // root may change its file only when all have seen it
    }

    std::string refusal() {
        Topology const topology(world());
        try {
            broadcast(topology);
        } catch (CollectiveError const& error) {
            return error.what();
        }
        return "(none)";
    }

    int files_in_cache() const {
        auto const entries = fs::directory_iterator(options_.cache_dir);
        return static_cast<int>(std::distance(begin(entries), end(entries)));
    }

    test::SharedFolder folder_;
    BroadcastFileOptions options_;
    std::string text_;
};

class BroadcastFileInMemory : public BroadcastFile {
  protected:
    BroadcastFileInMemory() : BroadcastFile("/dev/shm") {}
};

constexpr std::int64_t sizes[] = {0, 1, 999, 1000, 1001, 10000, 123456};

TEST_F(BroadcastFile, EveryNodeGetsOneCopyWhateverTheSizeAndTheNodes) {
    for (char const* const ranks_per_node : {"1", "2", "3"}) {
        test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", ranks_per_node);
        Topology const topology(world());
        for (std::int64_t const bytes : sizes) {
            make_input(random_text(bytes));
            int const before = files_in_cache();
            BroadcastFileResult const result = broadcast(topology);
            expect_delivered(result, topology);
            bool const receives = topology.is_node_leader() && topology.node() > 0;
            if (std::string(ranks_per_node) == "1") {
                EXPECT_EQ(result.nodes_that_had_it, 1);
                EXPECT_EQ(files_in_cache(), before + receives);
            }
            EXPECT_LE(files_in_cache(), before + receives);
        }
    }
}

TEST_F(BroadcastFileInMemory, EveryNodeGetsOneCopy) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    for (std::int64_t const bytes : {0, 1, 5000, 123456}) {
        make_input(random_text(bytes));
        expect_delivered(broadcast(topology), topology);
    }
    // Whole huge pages, and a rest.
    options_.chunk_bytes = 4 << 20;
    make_input(random_text((9 << 20) + 12345));
    expect_delivered(broadcast(topology), topology);
    EXPECT_EQ(files_in_cache(), world().is_root() ? 0 : 5);
}

TEST_F(BroadcastFile, RootsNodeMayHaveACopyToo) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "2");
    Topology const topology(world());
    make_input(random_text(12345));
    options_.root_node_uses_original = false;
    BroadcastFileResult const result = broadcast(topology);
    expect_delivered(result, topology);
    EXPECT_EQ(result.nodes_that_had_it, 0);
    EXPECT_NE(result.local_path, input());
    EXPECT_EQ(files_in_cache(), topology.is_node_leader() ? 1 : 0);
}

TEST_F(BroadcastFile, SecondCallFindsTheCopies) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    make_input(random_text(5000));
    broadcast(topology);
    for (bool const verify : {false, true}) {
        options_.verify_copies = verify;
        BroadcastFileResult const result = broadcast(topology);
        expect_delivered(result, topology);
        EXPECT_EQ(result.nodes_that_had_it, world().size());
        EXPECT_EQ(result.gigabytes_per_second, 0);
    }
}

TEST_F(BroadcastFile, OnlyNodesWithoutACopyReceive) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    make_input(random_text(5000));
    std::string const copy = broadcast(topology).local_path;
    bool const loses = world().rank() % 2 == 1;
    if (loses) fs::remove(copy);
    BroadcastFileResult const result = broadcast(topology);
    expect_delivered(result, topology);
    EXPECT_EQ(result.nodes_that_had_it, (world().size() + 1) / 2);
}

TEST_F(BroadcastFile, CopyOfWrongSizeIsReplaced) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    make_input(random_text(5000));
    std::string const copy = broadcast(topology).local_path;
    if (!world().is_root()) fs::resize_file(copy, 4999);
    world().barrier();
    BroadcastFileResult const result = broadcast(topology);
    expect_delivered(result, topology);
    EXPECT_EQ(result.nodes_that_had_it, 1);
}

TEST_F(BroadcastFile, CopyWithOtherBytesIsReplacedWhenVerified) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    make_input(random_text(5000));
    std::string const copy = broadcast(topology).local_path;
    if (!world().is_root()) File::open_write(copy).write_at(77, "wrong", 5);
    world().barrier();
    options_.verify_copies = true;
    BroadcastFileResult const result = broadcast(topology);
    expect_delivered(result, topology);
    EXPECT_EQ(result.nodes_that_had_it, 1);
}

TEST_F(BroadcastFile, CopyFromBeforeTheMachineStartedIsHashed) {
    make_input(random_text(5000));
    std::uint64_t const hash = hash_bytes(text_);
    std::string const copy = cached_copy_path(options_.cache_dir, hash, 5000);
    std::ofstream(copy, std::ios::binary) << text_;
    EXPECT_TRUE(has_valid_copy(options_.cache_dir, hash, 5000, false));
    File::open_write(copy).write_at(0, "wrong", 5);
    EXPECT_TRUE(has_valid_copy(options_.cache_dir, hash, 5000, false));
    timespec const long_ago[2] = {{1000, 0}, {1000, 0}};
    utimensat(AT_FDCWD, copy.c_str(), long_ago, 0);
    EXPECT_FALSE(has_valid_copy(options_.cache_dir, hash, 5000, false));
    EXPECT_TRUE(has_copy_of_size(options_.cache_dir, 5000));
    EXPECT_FALSE(has_copy_of_size(options_.cache_dir, 500));
    EXPECT_FALSE(has_copy_of_size(options_.cache_dir, 0));
}

TEST_F(BroadcastFile, KnownHashIsUsedAndChecked) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(world());
    make_input(random_text(5000));
    options_.known_hash = hash_bytes(text_);
    expect_delivered(broadcast(topology), topology);
    options_.known_hash ^= 1;
    if (world().size() == 1) return;  // nothing is sent, so nothing is read
    std::string const message = refusal();
    EXPECT_NE(message.find("expected a copy with hash"), std::string::npos) << message;
    EXPECT_EQ(files_in_cache(), world().is_root() ? 0 : 1);
    options_.root_node_uses_original = false;
    EXPECT_NE(refusal(), "(none)");
    EXPECT_EQ(files_in_cache(), world().is_root() ? 0 : 1);
}

TEST_F(BroadcastFile, ProgressReachesTheEnd) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    make_input(random_text(2500));
    std::vector<std::int64_t> sent;
    options_.progress = [&](std::int64_t bytes, std::int64_t all) {
        EXPECT_EQ(all, 2500);
        sent.push_back(bytes);
    };
    broadcast(Topology(world()));
    bool const reports = world().is_root() && world().size() > 1;
    EXPECT_EQ(sent, reports ? std::vector<std::int64_t>({1000, 2000, 2500})
                            : std::vector<std::int64_t>());
}

TEST_F(BroadcastFile, ProgressThatThrowsIsAnErrorOnAll) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    if (world().size() == 1) GTEST_SKIP() << "nothing is sent";
    make_input(random_text(9000));
    options_.progress = [](std::int64_t bytes, std::int64_t) { check(bytes < 3000, "stop"); };
    EXPECT_EQ(refusal(), "broadcast '" + input() + "': stop (rank 0)");
    EXPECT_EQ(files_in_cache(), 0);
}

TEST_F(BroadcastFile, MissingFileAndFolder) {
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    std::string const suffix = world().size() == 1 ? "" : " (rank 0)";
    EXPECT_EQ(refusal(),
              "broadcast '" + input() + "': " + input() + ": No such file or directory" + suffix);
    make_input("x");
    if (world().size() == 1) return;
    options_.cache_dir = folder_.file("nowhere");
    std::string const message = refusal();
    EXPECT_EQ(message.rfind("broadcast '" + input() + "': " + options_.cache_dir + ": ", 0), 0u)
        << message;
}

void expect_full_disk_error(std::string const& message, std::string const& reason) {
    std::string const last = "(rank " + std::to_string(world().size() - 1) + ")";
    EXPECT_NE(message.find(reason), std::string::npos) << message;
    EXPECT_NE(message.find(last), std::string::npos) << message;
}

TEST_F(BroadcastFile, FullDiskOfOneNodeIsAnErrorOnAll) {
    if (world().size() == 1) GTEST_SKIP() << "nothing is stored";
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    make_input(random_text(50000));
    std::optional<test::ScopedFileLimit> limit;
    if (world().rank() == world().size() - 1) limit.emplace(20000);
    expect_full_disk_error(refusal(), "File too large");
    EXPECT_EQ(files_in_cache(), 0);
}

/// In a mount namespace of this thread's own, so that nothing outlives the test.
bool mount_small_tmpfs(std::string const& folder) {
    return unshare(CLONE_NEWNS) == 0 &&
           mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("partita", folder.c_str(), "tmpfs", 0, "size=128k") == 0;
}

TEST_F(BroadcastFileInMemory, FullMemoryFolderOfOneNodeIsAnErrorOnAll) {
    if (world().size() == 1) GTEST_SKIP() << "nothing is stored";
    test::ScopedEnv const set("PARTITA_RANKS_PER_NODE", "1");
    make_input(random_text(300000));
    bool const last = world().rank() == world().size() - 1;
    bool const mounted = !last || mount_small_tmpfs(options_.cache_dir);
    int const all_mounted = world().all_reduce(mounted ? 1 : 0, Reduce::min);
    if (all_mounted == 0) GTEST_SKIP() << "mounting a small tmpfs needs root";
    expect_full_disk_error(refusal(), "expected room for 293 KiB, got 128 KiB");
    EXPECT_EQ(files_in_cache(), 0);
    if (last) umount2(options_.cache_dir.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace partita::broadcast_file_test
