#include "format/csv_reading.hpp"

#include "partita/core/random.hpp"
#include "partita/core/row_range.hpp"
#include "partita/format/csv_text.hpp"

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

std::vector<std::int64_t> equal_cuts(std::int64_t begin, std::int64_t end, std::int64_t parts) {
    std::vector<std::int64_t> cuts;
    for (std::int64_t i = 1; i < parts; ++i)
        cuts.push_back(begin + share_of(end - begin, parts, i).first);
    return cuts;
}

TEST(TextRanges, AnyCutOfTheBytesCountsEachLineOnce) {
    TempFolder const folder;
    for (char const* text :
         {"1,2\n3,4\n5,6", "a,b\r\n1,2\r\n3,4\r\n5,6\r\n\r\n", "id\tx\n1\t2\n"}) {
        CsvFile const file(folder.put("x.csv", text));
        LineIndex const whole = scan_all(file);
        std::vector<float> const expected = all_values(*file.vectors(whole));
        for (std::int64_t a = file.begin(); a <= file.end(); ++a)
            for (std::int64_t b = a; b <= file.end(); ++b) {
                LineIndex const index = scan_all(file, {a, b});
                EXPECT_EQ(index.lines(), whole.lines()) << text << a << " " << b;
                EXPECT_EQ(all_values(*file.vectors(index)), expected) << text << a << " " << b;
            }
    }
}

/// Lines of random length, some longer than the block in which files are read.
struct RandomTable {
    std::string text;
    std::vector<float> values;
    std::vector<std::string> ids;
    std::int64_t rows = 0, dim = 0;

    explicit RandomTable(std::uint64_t seed) {
        RandomStream random(seed);
        bool const is_large = seed % 10 == 0;
        rows = 1 + random.below(is_large ? 5000 : 50);
        dim = 1 + random.below(8);
        text = csv_header("id", dim);
        for (std::int64_t i = 0; i < rows; ++i) {
            ids.push_back("w" + std::string(random.below(30), 'o') + std::to_string(i));
            append_csv_text(text, ids.back());
            for (std::int64_t j = 0; j < dim; ++j) {
                values.push_back(static_cast<float>(random.normal()));
                text += ',';
                append_csv_numbers(text, ElementType::float32, &values.back(), 1);
            }
            if (is_large && i % 1000 == 7) text.append(random.below(1000000), ' ');
            text += seed % 2 == 0 ? "\r\n" : "\n";
        }
    }
};

TEST(TextRanges, AnyRowsOfAnyTableFromAnyNumberOfScans) {
    TempFolder const folder;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(seed, 1);
        RandomTable const table(seed);
        CsvFile const file(folder.put("x.csv", table.text));
        LineIndex const index =
            scan_all(file, equal_cuts(file.begin(), file.end(), 1 + random.below(9)));
        ASSERT_EQ(index.lines(), table.rows);
        auto const vectors = file.vectors(index);
        ASSERT_EQ(vectors->shape().dim, table.dim);
        std::int64_t const first = random.below(table.rows);
        std::int64_t const last = first + random.below(table.rows - first);
        std::vector<float> part(static_cast<std::size_t>((last - first) * table.dim));
        vectors->read(first, last, part.data());
        EXPECT_EQ(part, std::vector<float>(table.values.begin() + first * table.dim,
                                           table.values.begin() + last * table.dim));
        EXPECT_EQ(all_values(*vectors), table.values);
        CsvContents ids;
        read_ids(*file.ids(index), ids);
        EXPECT_EQ(ids.ids, table.ids);
    }
}

TEST(TextRanges, EveryThousandthLineIsIndexed) {
    TempFolder const folder;
    std::string text;
    for (int i = 0; i < 5000; ++i) text += std::to_string(100000 + i) + "\n";  // 7 bytes a line
    CsvFile const file(folder.put("x.csv", text));
    LineScan const scan = file.scan(7 * 10 + 1, file.end());
    EXPECT_EQ(scan.lines, 4989);
    EXPECT_THAT(scan.offsets, ElementsAre(7 * 11, 7 * 1035, 7 * 2059, 7 * 3083, 7 * 4107));
    LineIndex const index({file.scan(file.begin(), 7 * 10 + 1), scan});
    EXPECT_EQ(index.lines(), 5000);
    EXPECT_EQ(index.anchor_before(10).line, 0);
    EXPECT_EQ(index.anchor_before(11).offset, 7 * 11);
    EXPECT_EQ(index.anchor_before(1034).line, 11);
    EXPECT_EQ(index.anchor_before(4999).line, 4107);
    float value = 0;
    file.vectors(index)->read(4321, 4322, &value);
    EXPECT_EQ(value, 104321);
}

TEST(TextRanges, ErrorsCountLinesFromTheFilesStart) {
    TempFolder const folder;
    std::string text = "age\n";
    for (int i = 0; i < 3000; ++i) text += i == 2500 ? "abc\n" : "1\n";
    CsvFile const file(folder.put("x.csv", text));
    auto const vectors = file.vectors(scan_all(file, equal_cuts(file.begin(), file.end(), 3)));
    float values[10];
    vectors->read(2490, 2500, values);
    EXPECT_EQ(error_message([&] { vectors->read(2495, 2505, values); }),
              file.path() + ": line 2502, column 'age': expected a number, got \"abc\"");
}

TEST(TextRanges, NoticeThatAFileShrank) {
    TempFolder const folder;
    CsvFile const file(folder.put("x.csv", "1\n2\n3\n4\n"));
    auto const vectors = file.vectors(scan_all(file));
    folder.put("x.csv", "1\n2\n");
    float values[4];
    EXPECT_EQ(error_message([&] { vectors->read(0, 4, values); }),
              file.path() + ": expected 7 bytes at offset 0, got 4");
    folder.put("x.csv", "1111111");
    EXPECT_EQ(error_message([&] { vectors->read(1, 4, values); }),
              file.path() + ": expected 4 lines, got 1: the file has changed");
}

TEST(Labels, AreTextsOrNumbers) {
    TempFolder const folder;
    EXPECT_THAT(read_labels(folder.put("x.txt", "horse\npony, small\n \"q\"\t\r\n\n")).ids,
                ElementsAre("horse", "pony, small", "\"q\""));
    EXPECT_THAT(read_labels(folder.put("x.txt",
                                       "\xef\xbb\xbf"
                                       "12\n-3\n"))
                    .id_numbers,
                ElementsAre(12, -3));
    EXPECT_THAT(read_labels(folder.put("x.txt", "12\n-3\nx")).ids, ElementsAre("12", "-3", "x"));
}

TEST(Labels, AnyLinesFromAnyNumberOfScans) {
    TempFolder const folder;
    std::string text;
    std::vector<std::string> labels;
    for (int i = 0; i < 3000; ++i) {
        labels.push_back("l" + std::to_string(i * i));
        text += labels.back() + "\n";
    }
    LabelFile const file(folder.put("x.txt", text));
    for (std::int64_t const parts : {1, 2, 3, 7, 100}) {
        CsvContents contents;
        read_ids(*file.ids(scan_all(file, equal_cuts(file.begin(), file.end(), parts))), contents);
        EXPECT_EQ(contents.ids, labels) << parts;
    }
    auto const ids = file.ids(scan_all(file));
    EXPECT_EQ(ids->width(), 8);
    char text_2000[8];
    ids->read_texts(2000, 2001, text_2000);
    EXPECT_EQ(std::string(text_2000, 8), "l4000000");
    EXPECT_EQ(error_message([&] { ids->read_texts(2999, 3001, text_2000); }),
              file.path() + ": expected rows within [0, 3000), got [2999, 3001)");
    std::int64_t number = 0;
    EXPECT_EQ(error_message([&] { ids->read_numbers(0, 1, &number); }),
              file.path() + ": the ids are texts");
}

TEST(Labels, RefuseBadFiles) {
    expect_refused(bad_label_files(), [](std::string const& path) { read_labels(path); });
}

}  // namespace
}  // namespace partita::format::test
