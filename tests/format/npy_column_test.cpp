#include "partita/format/npy_column.hpp"

#include "format/bad_files.hpp"
#include "format/csv_reading.hpp"
#include "format/file_bytes.hpp"

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

CsvContents read_column(std::string const& path) {
    CsvContents contents;
    read_ids(*open_npy_column(path), contents);
    return contents;
}

/// UTF-32, the way NumPy stores its "U" strings.
std::string utf32(std::u32string const& text) {
    return little_all(std::vector<char32_t>(text.begin(), text.end()));
}

std::string utf32_big(std::u32string const& text) {
    return big_all(std::vector<char32_t>(text.begin(), text.end()));
}

TEST(NpyColumn, ReadsNumbers) {
    TempFolder const folder;
    auto const numbers = [&](std::string const& descr, std::string const& shape,
                             std::string const& data) {
        return read_column(folder.put("x.npy", npy_bytes(npy_dict(descr, shape), data))).id_numbers;
    };
    EXPECT_THAT(numbers("<i8", "(3,)", little_all<std::int64_t>({5, -7, 1L << 60})),
                ElementsAre(5, -7, 1L << 60));
    EXPECT_THAT(numbers(">i4", "(2, 1)", big_all<std::int32_t>({5, -7})), ElementsAre(5, -7));
    EXPECT_THAT(numbers("|u1", "(2,)", "\x01\xff"), ElementsAre(1, 255));
    EXPECT_THAT(numbers("<f8", "(2,)", little_all<double>({5, -7})), ElementsAre(5, -7));
}

TEST(NpyColumn, ReadsStrings) {
    TempFolder const folder;
    auto const texts = [&](std::string const& descr, std::string const& data) {
        return read_column(folder.put("x.npy", npy_bytes(npy_dict(descr, "(2,)"), data))).ids;
    };
    EXPECT_THAT(texts("|S5", std::string("horsepony\0", 10)), ElementsAre("horse", "pony"));
    std::u32string const words =
        std::u32string(U"a\u00e9\u20ac\U0001f40e") + U"b" + std::u32string(3, U'\0');
    EXPECT_THAT(texts("<U4", utf32(words)),
                ElementsAre("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e", "b"));
    EXPECT_THAT(texts(">U4", utf32_big(words)),
                ElementsAre("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e", "b"));
}

TEST(NpyColumn, ReadsAnyRows) {
    TempFolder const folder;
    std::string data;
    for (std::int64_t i = 0; i < 200000; ++i) data += little(i * i);
    auto const column =
        open_npy_column(folder.put("x.npy", npy_bytes(npy_dict("<i8", "(200000,)"), data)));
    EXPECT_EQ(column->rows(), 200000);
    EXPECT_EQ(column->width(), 8);
    std::vector<std::int64_t> part(199990);
    column->read_numbers(5, 199995, part.data());
    for (std::int64_t i = 5; i < 199995; i += 1000)
        EXPECT_EQ(part[static_cast<std::size_t>(i - 5)], i * i);
    EXPECT_EQ(error_message([&] { column->read_numbers(1, 200001, part.data()); }),
              column->path() + ": expected rows within [0, 200000), got [1, 200001)");
}

TEST(NpyColumn, RefusesBadFiles) {
    expect_refused(bad_npy_columns(), [](std::string const& path) { read_column(path); });
    TempFolder const folder;
    EXPECT_EQ(error_message([&] { open_npy_column(folder.file("x.npy")); }),
              folder.file("x.npy") + ": No such file or directory");
}

}  // namespace
}  // namespace partita::format::test
