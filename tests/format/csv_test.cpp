#include "format/csv_reading.hpp"

#include <cmath>
#include <limits>

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<float> values_of(std::string const& text, CsvOptions const& options = {}) {
    TempFolder const folder;
    return read_csv(folder.put("x.csv", text), options).values;
}

TEST(Csv, ReadsNumbersWithAndWithoutHeader) {
    EXPECT_THAT(values_of("1,2\n3,4\n"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(values_of("a,b\n1,2\n3,4\n"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(values_of("age\n1\n2\n"), ElementsAre(1, 2));
    EXPECT_THAT(values_of("7"), ElementsAre(7));
    EXPECT_THAT(values_of("1,2\n3,4\n", {.header = true, .id_column = ""}), ElementsAre(3, 4));
}

TEST(Csv, FindsTheDelimiter) {
    for (char const delimiter : {',', '\t', ';', ' '}) {
        SCOPED_TRACE(delimiter);
        std::string text = "a,b,c\n1,-2,3\n4,5.5,6e3\n";
        for (char& c : text)
            if (c == ',') c = delimiter;
        EXPECT_THAT(values_of(text), ElementsAre(1, -2, 3, 4, 5.5, 6e3));
        TempFolder const folder;
        EXPECT_EQ(CsvFile(folder.put("x.csv", text)).delimiter(), delimiter);
    }
    EXPECT_THAT(values_of("1, 2, 3\n4,  5,6\n"), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(values_of("  1  2   3 \n 4 5 6\n"), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(values_of("\"a;b;c\",d\n1,2\n"), ElementsAre(1, 2));
}

TEST(Csv, UnderstandsWhatSpreadsheetsWrite) {
    EXPECT_THAT(values_of("\xef\xbb\xbf\"a\",\"b\"\r\n\"1\",2\r\n3,\"4.5\"\r\n"),
                ElementsAre(1, 2, 3, 4.5));
    EXPECT_THAT(values_of("a,b\r\n1,2\r\n3,4"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(values_of("1,2\n3,4\n\n\r\n  \n\n"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(values_of("1\t 2 \n+3\t4\n"), ElementsAre(1, 2, 3, 4));
}

TEST(Csv, ReadsEveryNumberToTheNearestFloat) {
    EXPECT_THAT(values_of("0.1,1e-3,-0,16777217,123456789,3.4028235e38\n"),
                ElementsAre(0.1f, 1e-3f, 0, 16777216, 123456792, 3.4028235e38f));
    EXPECT_THAT(values_of("1234567890123,.5,5.,1E2,1e-60,-1e-400\n"),
                ElementsAre(1234567890123.f, .5, 5, 100, 0, 0));
    // Halfway between two floats, then a little more: rounding through a double is wrong here.
    EXPECT_THAT(values_of("1.00000017881393432617187499\n"), ElementsAre(0x1.000002p0f));
}

TEST(Csv, DecidesWhatAHeaderIs) {
    TempFolder const folder;
    auto const has_header = [&](std::string const& text) {
        return CsvFile(folder.put("x.csv", text)).has_header();
    };
    EXPECT_FALSE(has_header("1,2\n3,4\n"));
    EXPECT_TRUE(has_header("a,b\n3,4\n"));
    EXPECT_TRUE(has_header("id,2019,2020\nhorse,1,2\n"));
    EXPECT_FALSE(has_header("horse,1,2\npony,3,4\n"));
    EXPECT_TRUE(has_header(",0,1\n0,1.5,2.5\n"));
    EXPECT_TRUE(has_header("a,b\n"));
    EXPECT_FALSE(has_header("horse,1\n"));
    EXPECT_TRUE(has_header("a,b\n1,x\n"));
    EXPECT_FALSE(CsvFile(folder.put("x.csv", "a,b\n3,4\n"), {false, ""}).has_header());
}

TEST(Csv, TakesIdsFromTheirColumn) {
    TempFolder const folder;
    auto const read = [&](std::string const& text, std::string const& id_column = "") {
        return read_csv(folder.put("x.csv", text), {std::nullopt, id_column});
    };
    auto const middle = read("x,ID,y\n1,7,2\n3,-8,4\n");
    EXPECT_THAT(middle.id_numbers, ElementsAre(7, -8));
    EXPECT_THAT(middle.values, ElementsAre(1, 2, 3, 4));
    auto const words = read("word,x\n\"horse, \"\"big\"\"\",1\n pony ,2\n", "word");
    EXPECT_THAT(words.ids, ElementsAre("horse, \"big\"", "pony"));
    EXPECT_THAT(words.values, ElementsAre(1, 2));
    auto const numbered = read("horse,1\npony,2\n", "1");
    EXPECT_THAT(numbered.ids, ElementsAre("horse", "pony"));
    auto const last = read("1,horse\n2,pony\n", "2");
    EXPECT_THAT(last.ids, ElementsAre("horse", "pony"));
    EXPECT_THAT(last.values, ElementsAre(1, 2));
    auto const pandas = read(",a\n5,1.5\n6,2.5\n");
    EXPECT_THAT(pandas.id_numbers, ElementsAre(5, 6));
    EXPECT_THAT(pandas.values, ElementsAre(1.5, 2.5));
    auto const none = read("a,b\n1,2\n");
    EXPECT_THAT(none.ids, IsEmpty());
    EXPECT_THAT(none.id_numbers, IsEmpty());
}

TEST(Csv, IdsAreTextUnlessAllAreNumbersAsPrinted) {
    TempFolder const folder;
    auto const read = [&](std::string const& ids) {
        return read_csv(folder.put("x.csv", "id,x\n" + ids + ",1\n7,2\n"));
    };
    EXPECT_THAT(read("9223372036854775807").id_numbers, ElementsAre(INT64_MAX, 7));
    EXPECT_THAT(read("-9223372036854775808").id_numbers, ElementsAre(INT64_MIN, 7));
    EXPECT_THAT(read("0").id_numbers, ElementsAre(0, 7));
    for (char const* text : {"9223372036854775808", "007", "+7", "-0", "7.0", "7a", "-"})
        EXPECT_THAT(read(text).ids, ElementsAre(text, "7"));
}

TEST(Csv, NamesItsColumns) {
    TempFolder const folder;
    CsvFile const named(folder.put("x.csv", "a,id,\"b \"\"2\"\"\"\n1,2,3\n"));
    EXPECT_THAT(named.dimension_names(), ElementsAre("a", "b \"2\""));
    EXPECT_EQ(named.id_name(), "id");
    CsvFile const numbered(folder.put("y.csv", "1,2,3\n"));
    EXPECT_THAT(numbered.dimension_names(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(numbered.id_name(), std::nullopt);
    EXPECT_EQ(error_message([&] {
                  CsvFile(named.path(), {std::nullopt, "idd"});
              }),
              named.path() + ": no column is named 'idd' (did you mean 'id'?)");
    EXPECT_EQ(error_message([&] {
                  CsvFile(numbered.path(), {std::nullopt, "4"});
              }),
              numbered.path() +
                  ": expected the number of a column from 1 to 3 (the file has no "
                  "header), got '4'");
}

TEST(Csv, RefusesBadFiles) {
    expect_refused(bad_csv_files(), [](std::string const& path) { read_csv(path); });
}

TEST(Csv, NotFiniteNumbersAreNamedUnlessAllowed) {
    TempFolder const folder;
    CsvFile const file(folder.put("x.csv", "a,id,b\n1,1,2\n3,2,nan\n-inf,3,1e39\n"));
    auto const reader = file.vectors(scan_all(file));
    std::vector<float> values(6);
    EXPECT_EQ(error_message([&] { reader->read(0, 3, values.data()); }),
              file.path() + ": line 3, column 'b': expected a finite float32, got nan");
    EXPECT_EQ(error_message([&] { reader->read(2, 3, values.data()); }),
              file.path() + ": line 4, column 'a': expected a finite float32, got -inf");
    reader->read(0, 3, values.data(), true);
    EXPECT_TRUE(std::isnan(values[3]));
    EXPECT_EQ(values[5], std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace partita::format::test
