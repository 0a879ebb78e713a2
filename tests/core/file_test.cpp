#include "partita/core/file.hpp"

#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

namespace partita {
namespace {

using test::error_message;
using test::TempFolder;

std::string text_of(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

TEST(File, ReadsAtAnyPlace) {
    TempFolder const folder;
    File const file = File::open_read(folder.put("x", "0123456789"));
    EXPECT_EQ(file.size(), 10);
    std::string part(4, ' ');
    file.read_at(3, part.data(), 4);
    EXPECT_EQ(part, "3456");
    EXPECT_EQ(file.read_some_at(8, part.data(), 4), 2);
    EXPECT_EQ(part, "8956");
    EXPECT_EQ(file.read_some_at(100, part.data(), 4), 0);
    file.read_at(10, nullptr, 0);
}

TEST(File, NamesItselfWhenItEndsEarly) {
    TempFolder const folder;
    std::string const path = folder.put("x", "0123456789");
    File const file = File::open_read(path);
    char part[8];
    EXPECT_EQ(error_message([&] { file.read_at(7, part, 8); }),
              path + ": expected 8 bytes at offset 7, got 3");
}

TEST(File, WritesAtAnyPlaceAndGrows) {
    TempFolder const folder;
    File file = File::create(folder.file("x"));
    file.write_at(3, "abc", 3);
    file.resize(8);
    file.sync();
    file.close();
    EXPECT_FALSE(file.is_open());
    file.close();
    EXPECT_EQ(folder.get("x"), std::string("\0\0\0abc\0\0", 8));
    File::open_write(folder.file("x")).write_at(0, "xyz", 3);
    EXPECT_EQ(folder.get("x"), std::string("xyzabc\0\0", 8));
    File const emptied = File::create(folder.file("x"));
    EXPECT_EQ(emptied.size(), 0);
}

TEST(File, ErrorsNameThePath) {
    TempFolder const folder;
    std::string const missing = folder.file("missing");
    EXPECT_EQ(error_message([&] { File::open_read(missing); }),
              missing + ": No such file or directory");
    EXPECT_EQ(error_message([&] { File::open_write(missing); }),
              missing + ": No such file or directory");
    EXPECT_EQ(error_message([&] { File::create(missing + "/x"); }),
              missing + "/x: No such file or directory");
    EXPECT_EQ(error_message([&] { File::open_read(folder.path()); }),
              folder.path() + ": expected a file, got a folder");
    std::string const pipe = folder.file("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);  // which nobody writes to
    EXPECT_EQ(error_message([&] { File::open_read(pipe); }),
              pipe + ": expected a file, got a pipe");
    File const readonly = File::open_read(folder.put("x", "1"));
    EXPECT_EQ(error_message([&] { readonly.write_at(0, "2", 1); }),
              folder.file("x") + ": Bad file descriptor");
    EXPECT_EQ(error_message([] { File::create("/dev/full").write_at(0, "2", 1); }),
              "/dev/full: No space left on device");
}

TEST(File, ClosesItselfOnce) {
    TempFolder const folder;
    int descriptor = -1;
    {
        File first = File::open_read(folder.put("x", "1"));
        descriptor = first.descriptor();
        File const second = std::move(first);
        EXPECT_FALSE(first.is_open());
        EXPECT_EQ(second.descriptor(), descriptor);
    }
    EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(MappedFile, ShowsTheBytes) {
    TempFolder const folder;
    MappedFile mapped(folder.put("x", "hello"));
    EXPECT_EQ(text_of(mapped.bytes()), "hello");
    MappedFile const other = std::move(mapped);
    EXPECT_EQ(text_of(other.bytes()), "hello");
    EXPECT_EQ(mapped.size(), 0);
    EXPECT_EQ(other.path(), folder.file("x"));
}

TEST(MappedFile, SharesOneCopyWithTheFile) {
    TempFolder const folder;
    MappedFile const mapped(folder.put("x", "hello"));
    File::open_write(folder.file("x")).write_at(0, "J", 1);
    EXPECT_EQ(text_of(mapped.bytes()), "Jello");
}

TEST(MappedFile, MayBeEmptyButNotMissing) {
    TempFolder const folder;
    MappedFile const empty(folder.put("x", ""));
    EXPECT_EQ(empty.size(), 0);
    EXPECT_TRUE(empty.bytes().empty());
    EXPECT_EQ(error_message([&] { MappedFile(folder.file("no")); }),
              folder.file("no") + ": No such file or directory");
}

TEST(FileExists, IsTrueForFilesAndFolders) {
    TempFolder const folder;
    EXPECT_TRUE(file_exists(folder.path()));
    EXPECT_TRUE(file_exists(folder.put("x", "")));
    EXPECT_FALSE(file_exists(folder.file("y")));
}

TEST(ReadTextFile, TakesTheWholeFileUpToALimit) {
    TempFolder const folder;
    std::string const path = folder.put("x", std::string("a\0b\n", 4));
    EXPECT_EQ(read_text_file(path), std::string("a\0b\n", 4));
    EXPECT_EQ(read_text_file(path, 4).size(), 4u);
    EXPECT_EQ(error_message([&] { read_text_file(path, 3); }),
              path + ": expected a text of at most 3 bytes, got 4");
    EXPECT_EQ(read_text_file(folder.put("y", "")), "");
}

}  // namespace
}  // namespace partita
