#include "partita/dataset/read_lines.hpp"

#include "dataset/contexts.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace partita::dataset {
namespace {

using test::error_message;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

/// Root writes; all see it.
class ReadLines : public testing::Test {
  protected:
    void put(std::string const& name, std::string const& text) {
        make([&] { std::ofstream(folder_.file(name), std::ios::binary) << text; });
    }
    Lines read(std::string const& name, std::int64_t partitions = 3) {
        ReadLinesOptions options;
        options.partitions = partitions;
        return read_lines(context_, folder_.file(name), options).collect();
    }

    /// Root makes something; all see it.
    void make(auto const& work) {
        if (comm_.is_root()) work();
        comm_.barrier();
    }
    std::string error_of(std::string const& name) {
        return error_message([&] { read(name); });
    }

    Context context_ = test::roomy();
    Communicator comm_ = context_.comm();
    test::SharedFolder folder_{comm_};
};

TEST_F(ReadLines, CutsAtLineEndsWhereverTheRangesAre) {
    Lines expected;
    std::string text;
    for (int i = 0; i < 300; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i * i % 41), 'x') +
                           (i % 3 ? std::to_string(i) : ""));
        text += expected.back() + (i % 5 ? "\n" : "\r\n");
    }
    put("a.txt", text);
    for (std::int64_t const partitions : {1, 2, 7, 100, 5000})
        EXPECT_EQ(read("a.txt", partitions), expected) << partitions << " partitions";
}

TEST_F(ReadLines, TakesMarksMissingEndsAndEmptyFiles) {
    put("mark.txt",
        "\xef\xbb\xbf"
        "one\ntwo");
    EXPECT_THAT(read("mark.txt"), ElementsAre("one", "two"));
    EXPECT_THAT(read("mark.txt", 20), ElementsAre("one", "two"));
    put("empty.txt", "");
    EXPECT_TRUE(read("empty.txt").empty());
    put("ends.txt", "\n\n");
    EXPECT_THAT(read("ends.txt"), ElementsAre("", ""));
    put("mark_only.txt", "\xef\xbb\xbf");
    EXPECT_TRUE(read("mark_only.txt").empty());
}

TEST_F(ReadLines, TakesFoldersPatternsAndLists) {
    put("b.txt", "b1\nb2");
    put("a.txt", "a1\n");
    put("c.log", "c1\n");
    EXPECT_THAT(read(""), ElementsAre("a1", "b1", "b2", "c1"));
    EXPECT_THAT(read("*.txt"), ElementsAre("a1", "b1", "b2"));
    EXPECT_THAT(read("c.log," + folder_.file("a.txt"), 1), ElementsAre("c1", "a1"));
}

TEST_F(ReadLines, UnzipsWholeFiles) {
    std::string text;
    Lines expected;
    for (int i = 0; i < 50000; ++i) {
        expected.push_back("line " + std::to_string(i));
        text += expected.back() + "\n";
    }
    if (comm_.is_root()) {
        gzFile file = gzopen(folder_.file("a.gz").c_str(), "wb");
        gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
        gzclose(file);
        std::string packed(ZSTD_compressBound(text.size()), '\0');
        packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
        std::ofstream(folder_.file("b.zst"), std::ios::binary) << packed;
        std::ofstream(folder_.file("cut.gz"), std::ios::binary)
            << std::ifstream(folder_.file("a.gz")).rdbuf();
        std::filesystem::resize_file(folder_.file("cut.gz"), 5000);
        std::ofstream(folder_.file("cut.zst"), std::ios::binary) << packed.substr(0, 5000);
    }
    comm_.barrier();
    EXPECT_EQ(read("a.gz"), expected);
    EXPECT_EQ(read("b.zst"), expected);
    EXPECT_EQ(read("[ab].*").size(), 2 * expected.size());
    for (std::string const name : {"cut.gz", "cut.zst"})
        EXPECT_THAT(error_of(name), HasSubstr("data end too early"));
}

TEST_F(ReadLines, RefusesWhatIsNotThere) {
    EXPECT_THAT(error_of("none.txt"),
                AllOf(HasSubstr("read_lines: "), HasSubstr("none.txt: no such file")));
}

TEST_F(ReadLines, LeavesOutFoldersAndHiddenFilesOnly) {
    put("a.txt", "a1\n");
    put(".hidden", "not read\n");
    make([&] { std::filesystem::create_directory(folder_.file("b.txt")); });
    EXPECT_THAT(read(""), ElementsAre("a1"));
    EXPECT_THAT(read("*.txt"), ElementsAre("a1"));

    std::string const link = folder_.file("c.txt");
    make([&] { std::filesystem::create_symlink("nowhere", link); });
    for (std::string const name : {"", "*.txt", "c.txt"})
        EXPECT_THAT(error_of(name), HasSubstr(link + ": No such file or directory"));
    make([&] {
        std::filesystem::remove(link);
        std::filesystem::create_symlink("c.txt", link);
    });
    for (std::string const name : {"", "*.txt", "c.txt"})
        EXPECT_THAT(error_of(name), HasSubstr(link + ": Too many levels of symbolic links"));
    make([&] {
        std::filesystem::remove(link);
        ::mkfifo(link.c_str(), 0600);
    });
    for (std::string const name : {"", "*.txt", "c.txt"})
        EXPECT_THAT(error_of(name), HasSubstr(link + ": expected a file, got a pipe"));
}

TEST_F(ReadLines, NoticesFilesThatChange) {
    std::string const path = folder_.file("a.txt");
    put("a.txt", std::string(1000, '\n'));
    ReadLinesOptions options;
    options.partitions = 10;
    auto const lines = read_lines(context_, path, options);
    auto const blocks = read_text(context_, path, options);
    make([&] { std::filesystem::resize_file(path, 150); });
    EXPECT_THAT(error_message([&] { lines.count(); }),
                HasSubstr("a.txt: expected 200 bytes at least, got 150"));
    EXPECT_THAT(error_message([&] { blocks.count(); }),
                HasSubstr("a.txt: expected 200 bytes at least, got 150"));
    make([&] { std::filesystem::remove(path); });
    EXPECT_THAT(error_message([&] { lines.count(); }),
                HasSubstr("a.txt: No such file or directory"));
}

TEST_F(ReadLines, CountsWords) {
    put("words.txt", "to be or not to be\nthat is the question\n");
    auto const counts =
        read_lines(context_, folder_.file("words.txt"))
            .flat_map_into<std::string_view>([](std::string_view line, auto&& emit) {
                while (!line.empty()) {
                    std::size_t const end = std::min(line.find(' '), line.size());
                    emit(line.substr(0, end));
                    line.remove_prefix(std::min(end + 1, line.size()));
                }
            })
            .map([](std::string_view word) { return std::pair(word, 1); })
            .reduce_by_key(std::plus<>{})
            .sort_by_key()
            .collect();
    EXPECT_THAT(counts, ElementsAre(std::pair("be", 2), std::pair("is", 1), std::pair("not", 1),
                                    std::pair("or", 1), std::pair("question", 1),
                                    std::pair("that", 1), std::pair("the", 1), std::pair("to", 2)));
}

TEST_F(ReadLines, GivesTheSameTextInBlocks) {
    for (std::string const end : {"\n", ""}) {
        std::string text = "first\r\n\n" + std::string(300000, 'x') + "\n";
        for (int i = 0; i < 2000; ++i)
            text += std::string(static_cast<std::size_t>(i % 70), 'y') + "\n";
        text += "last" + end;
        put("a.txt", "\xef\xbb\xbf" + text);
        put("b.txt", "one" + end);
        for (std::int64_t const partitions : {1, 3, 50, 1000}) {
            ReadLinesOptions options;
            options.partitions = partitions;
            std::string found;
            for (std::string const& block :
                 read_text(context_, folder_.file("?.txt"), options).collect()) {
                EXPECT_FALSE(block.empty());
                found += block;
            }
            EXPECT_TRUE(found == text + "one" + end) << partitions;
        }
    }
}

}  // namespace
}  // namespace partita::dataset
