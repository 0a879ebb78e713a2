#include "partita/format/text_row.hpp"

#include <gmock/gmock.h>

using namespace partita::format;
using testing::ElementsAre;

namespace {

std::vector<std::string> split(std::string_view line, char delimiter = ',') {
    RowSplitter splitter(delimiter);
    EXPECT_TRUE(splitter.split(line)) << line;
    return {splitter.fields().begin(), splitter.fields().end()};
}

TEST(TextRow, SplitsAtDelimiters) {
    EXPECT_THAT(split("a,b,c"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split("a"), ElementsAre("a"));
    EXPECT_THAT(split(""), ElementsAre(""));
    EXPECT_THAT(split(",,"), ElementsAre("", "", ""));
    EXPECT_THAT(split(" a , b"), ElementsAre(" a ", " b"));
    EXPECT_THAT(split("a,b\tc", '\t'), ElementsAre("a,b", "c"));
}

TEST(TextRow, TakesQuotesOff) {
    EXPECT_THAT(split(R"("a,b",c)"), ElementsAre("a,b", "c"));
    EXPECT_THAT(split(R"("say ""hi""","",x,"""")"), ElementsAre("say \"hi\"", "", "x", "\""));
    EXPECT_THAT(split(R"("a",)"), ElementsAre("a", ""));
    EXPECT_THAT(split(R"(5" disk, x )"), ElementsAre("5\" disk", " x "));
    EXPECT_THAT(split(R"(a, "b, c" ,d)"), ElementsAre("a", "b, c", "d"));
}

TEST(TextRow, RefusesQuotesThatDoNotEnd) {
    RowSplitter splitter(',');
    EXPECT_FALSE(splitter.split(R"(a,"b,c)"));
    EXPECT_TRUE(splitter.split("a,b"));
    EXPECT_THAT(splitter.fields(), ElementsAre("a", "b"));
}

TEST(TextRow, FindsTheDelimiter) {
    EXPECT_EQ(find_row_delimiter("a,b"), ',');
    EXPECT_EQ(find_row_delimiter("first name\tage"), '\t');
    EXPECT_EQ(find_row_delimiter("\"a,b,c\";d"), ';');
    EXPECT_EQ(find_row_delimiter("first name"), ',');
}

}  // namespace
