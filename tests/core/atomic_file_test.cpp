#include "partita/core/atomic_file.hpp"

#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include "partita/core/file.hpp"
#include "partita/core/scratch.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace partita {
namespace {

namespace fs = std::filesystem;
using test::error_message;
using test::TempFolder;

void write(AtomicFile const& file, std::string const& text) {
    File::open_write(file.temporary_path())
        .write_at(0, text.data(), static_cast<std::int64_t>(text.size()));
}

TEST(AtomicFile, AppearsOnCommit) {
    TempFolder const folder;
    AtomicFile file(folder.file("out.h5"));
    write(file, "new");
    EXPECT_FALSE(file_exists(folder.file("out.h5")));
    EXPECT_EQ(fs::path(file.temporary_path()).filename(),
              ".out.h5.partita-" + process_tag() + ".tmp");
    file.commit();
    EXPECT_EQ(folder.get("out.h5"), "new");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(AtomicFile, ReadersSeeTheOldFileUntilThen) {
    TempFolder const folder;
    folder.put("out", "old");
    {
        AtomicFile file(folder.file("out"));
        write(file, "half of the n");
        EXPECT_EQ(folder.get("out"), "old");
    }  // not committed: the job failed
    EXPECT_EQ(folder.get("out"), "old");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(AtomicFile, AKilledProcessLeavesTheOldFileAndItsRestGoesAway) {
    TempFolder const folder;
    folder.put("out", "old");
    pid_t const child = fork();
    if (child == 0) {
        AtomicFile const file(folder.file("out"));
        write(file, "half of the n");
        _exit(9);  // as a kill: no destructor runs
    }
    waitpid(child, nullptr, 0);
    EXPECT_EQ(folder.get("out"), "old");
    ASSERT_EQ(folder.entries(), 2);
    {
        AtomicFile const unrelated(folder.file("out2"));
        EXPECT_EQ(folder.entries(), 3);
    }
    AtomicFile file(folder.file("out"));
    EXPECT_EQ(folder.entries(), 2);  // the old one and the new temporary
    write(file, "new");
    file.commit();
    EXPECT_EQ(folder.get("out"), "new");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(AtomicFile, OtherWritersTemporariesStay) {
    TempFolder const folder;
    folder.put(".out.partita-elsewhere-12-34.tmp", "");
    folder.put(".out.partita-.tmp", "");
    folder.put(".out.partita-x", "");
    {
        AtomicFile const file(folder.file("out"));
        EXPECT_EQ(folder.entries(), 4);
    }
    EXPECT_EQ(folder.entries(), 3);
}

TEST(AtomicFile, DoesNotOverwriteUnlessTold) {
    TempFolder const folder;
    std::string const path = folder.put("out", "old");
    EXPECT_EQ(error_message([&] { AtomicFile(path, false); }), path + " exists: give --overwrite");
    EXPECT_EQ(folder.get("out"), "old");
    EXPECT_EQ(folder.entries(), 1);
    AtomicFile(folder.file("other"), false).commit();
    EXPECT_EQ(folder.entries(), 2);
}

TEST(AtomicFile, RejectsTargetsThatCannotBeAtTheStart) {
    TempFolder const folder;
    EXPECT_EQ(error_message([&] { AtomicFile(folder.path()); }),
              folder.path() + ": expected a file name, got a folder");
    EXPECT_EQ(error_message([&] { AtomicFile(folder.file("no/out")); }),
              folder.file("no/out") + ": folder '" + folder.file("no") + "' does not exist");
    EXPECT_EQ(error_message([&] { AtomicFile(folder.file("out/")); }),
              folder.file("out/") + ": expected a file name, got a folder");
    EXPECT_EQ(error_message([] { AtomicFile(""); }),
              "output: expected a file name, got an empty one");
    EXPECT_EQ(error_message([] { AtomicFile("/dev/null"); }),
              "/dev/null: expected a regular file, got a device or pipe");
    std::string const too_long = folder.file(std::string(254, 'x'));
    EXPECT_EQ(error_message([&] { AtomicFile{too_long}; }),
              too_long + ": cannot write in '" + folder.path() + "': File name too long");
    EXPECT_EQ(folder.entries(), 0);
}

TEST(AtomicFile, WritesThroughLinks) {
    TempFolder const folder, elsewhere;
    elsewhere.put("real", "old");
    fs::create_symlink(elsewhere.file("real"), folder.file("link"));
    AtomicFile file(folder.file("link"));
    write(file, "new");
    file.commit();
    EXPECT_TRUE(fs::is_symlink(folder.file("link")));
    EXPECT_EQ(elsewhere.get("real"), "new");
}

TEST(AtomicFile, TakesNamesWithoutFolder) {
    TempFolder const folder;
    fs::path const before = fs::current_path();
    fs::current_path(folder.path());
    AtomicFile file("out");
    write(file, "new");
    file.commit();
    fs::current_path(before);
    EXPECT_EQ(folder.get("out"), "new");
}

TEST(AtomicFile, TwoWritersOfOneFileInAProcessAreAMistake) {
    TempFolder const folder;
    AtomicFile const first(folder.file("out"));
    EXPECT_THROW(AtomicFile(folder.file("out")), Error);
    EXPECT_TRUE(file_exists(first.temporary_path()));
}

TEST(AtomicFile, MovesWithItsOwner) {
    TempFolder const folder;
    AtomicFile kept;
    {
        AtomicFile file(folder.file("out"));
        write(file, "new");
        kept = std::move(file);
    }
    kept.commit();
    EXPECT_EQ(folder.get("out"), "new");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(AtomicFile, FollowsTheUsersMask) {
    TempFolder const folder;
    mode_t const before = umask(027);
    write_text_file(folder.file("out"), "x");
    umask(before);
    struct stat status {};
    ASSERT_EQ(stat(folder.file("out").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(WriteTextFile, ReplacesTheWhole) {
    TempFolder const folder;
    write_text_file(folder.file("out"), "a long text\n");
    write_text_file(folder.file("out"), "short\n");
    EXPECT_EQ(folder.get("out"), "short\n");
    write_text_file(folder.file("out"), "");
    EXPECT_EQ(folder.get("out"), "");
}

}  // namespace
}  // namespace partita
