#include "format/bad_files.hpp"
#include "format/expect_refused.hpp"
#include "format/file_bytes.hpp"
#include "format/gzip_bytes.hpp"

#include "partita/core/random.hpp"
#include "partita/format/idx_labels.hpp"

#include <thread>

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

std::string idx_header(char type, std::vector<std::uint32_t> const& shape) {
    return std::string{'\0', '\0', type, static_cast<char>(shape.size())} + big_all(shape);
}

TEST(Idx, ReadsEveryTypeAndRank) {
    TempFolder const folder;
    auto const images = open_vector_file(
        folder.put("train-images-idx3-ubyte",
                   idx_header(8, {2, 2, 2}) + std::string("\0\1\2\3\4\5\x80\xff", 8)));
    EXPECT_EQ(images->shape().rows, 2);
    EXPECT_EQ(images->shape().dim, 4);
    EXPECT_EQ(images->shape().type, ElementType::uint8);
    EXPECT_THAT(all_values(*images), ElementsAre(0, 1, 2, 3, 4, 5, 128, 255));
    auto const integers =
        open_vector_file(folder.put("x.idx", idx_header(12, {1, 2}) + big_all<int>({-1, 70000})));
    EXPECT_THAT(all_native<std::int32_t>(*integers), ElementsAre(-1, 70000));
    auto const floats =
        open_vector_file(folder.put("x.idx", idx_header(13, {1, 2}) + big_all<float>({-1.5, 3})));
    EXPECT_THAT(all_values(*floats), ElementsAre(-1.5, 3));
    auto const doubles =
        open_vector_file(folder.put("x.idx", idx_header(14, {2, 1}) + big_all<double>({0.1, 3})));
    EXPECT_THAT(all_native<double>(*doubles), ElementsAre(0.1, 3));
}

TEST(Idx, IsKnownByItsStartWhenTheNameSaysNothing) {
    TempFolder const folder;
    std::string const contents = idx_header(8, {1, 3}) + "abc";
    EXPECT_EQ(open_vector_file(folder.put("images", contents))->shape().dim, 3);
    EXPECT_EQ(open_vector_file(folder.put("images.gz", gzip_bytes(contents)))->shape().dim, 3);
}

TEST(Idx, ReadsGzipInAnyOrderAndFromThreads) {
    TempFolder const folder;
    std::int64_t const rows = 500, dim = 784;
    RandomStream random(3);
    std::string pixels(static_cast<std::size_t>(rows * dim), '\0');
    for (char& c : pixels) c = static_cast<char>(random.below(4));
    std::string const contents = idx_header(8, {500, 28, 28}) + pixels;
    auto const reader = open_vector_file(folder.put("x-idx3-ubyte.gz", gzip_bytes(contents)));
    ASSERT_EQ(reader->shape().rows, rows);
    ASSERT_EQ(reader->shape().dim, dim);
    auto const part_is_right = [&](std::int64_t first, std::int64_t last) {
        std::string part(static_cast<std::size_t>((last - first) * dim), '?');
        reader->read_native(first, last, part.data());
        return part == pixels.substr(static_cast<std::size_t>(first * dim), part.size());
    };
    for (int i = 0; i < 20; ++i) {
        std::int64_t const first = random.below(rows), last = first + random.below(rows - first);
        EXPECT_TRUE(part_is_right(first, last)) << first << " " << last;
    }
    bool right[2] = {};
    std::thread one([&] { right[0] = part_is_right(0, 400); });
    std::thread two([&] { right[1] = part_is_right(100, 500); });
    one.join();
    two.join();
    EXPECT_TRUE(right[0] && right[1]);
}

TEST(Idx, ReadsSeveralGzipMembersAsOne) {
    TempFolder const folder;
    std::string const contents = gzip_bytes(idx_header(8, {2, 2}) + "ab") + gzip_bytes("cd");
    EXPECT_THAT(all_values(*open_vector_file(folder.put("x.idx", contents))),
                ElementsAre('a', 'b', 'c', 'd'));
}

TEST(Idx, RefusesBadFiles) { expect_refused(bad_idx_files(), read_all_vectors); }

TEST(IdxLabels, AreIntegersInOneDimension) {
    TempFolder const folder;
    std::string const bytes = idx_header(8, {3}) + std::string("\5\0\xff", 3);
    EXPECT_THAT(read_idx_labels(folder.put("x-idx1-ubyte", bytes)), ElementsAre(5, 0, 255));
    EXPECT_THAT(read_idx_labels(folder.put("x.gz", gzip_bytes(bytes))), ElementsAre(5, 0, 255));
    EXPECT_THAT(
        read_idx_labels(folder.put("x.idx", idx_header(12, {2}) + big_all<int>({-1, 70000}))),
        ElementsAre(-1, 70000));
    auto const refused = [&](std::string const& contents) {
        std::string const path = folder.put("x.idx", contents);
        return error_message([&] { read_idx_labels(path); }).substr(path.size());
    };
    EXPECT_EQ(refused(idx_header(8, {1, 2}) + "ab"),
              ": expected labels in 1 dimension, got 2 dimensions");
    EXPECT_EQ(refused(idx_header(13, {1}) + "abcd"),
              ": expected labels of type uint8 or int32, got float32");
    EXPECT_EQ(refused(idx_header(8, {0})), ": expected at least one label, got 0");
    EXPECT_EQ(refused(idx_header(8, {4}) + "abc"),
              ": expected 4 bytes of data for shape (4), got 3");
}

}  // namespace
}  // namespace partita::format::test
