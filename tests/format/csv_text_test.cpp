#include "partita/format/csv_text.hpp"

#include "format/csv_reading.hpp"

#include "partita/core/random.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace partita::format::test {
namespace {

using partita::test::TempFolder;

std::string quoted(std::string_view text, char delimiter = ',') {
    std::string out;
    append_csv_text(out, text, delimiter);
    return out;
}

TEST(CsvText, NumbersAreAsShortAsTheyCanBe) {
    std::string out;
    std::vector<float> const floats = {1, -0.1f, 1e10f, 3.4028235e38f, 0};
    append_csv_numbers(out, ElementType::float32, floats.data(), 5);
    EXPECT_EQ(out, "1,-0.1,1e+10,3.4028235e+38,0");
    out.clear();
    std::vector<double> const doubles = {0.1, 1.0 / 3};
    append_csv_numbers(out, ElementType::float64, doubles.data(), 2, '\t');
    EXPECT_EQ(out, "0.1\t0.3333333333333333");
    out.clear();
    std::vector<std::uint8_t> const bytes = {0, 255};
    append_csv_numbers(out, ElementType::uint8, bytes.data(), 2, ';');
    EXPECT_EQ(out, "0;255");
    out.clear();
    std::vector<std::int64_t> const integers = {std::numeric_limits<std::int64_t>::min(), 7};
    append_csv_numbers(out, ElementType::int64, integers.data(), 2);
    EXPECT_EQ(out, "-9223372036854775808,7");
}

TEST(CsvText, EveryFloatIsReadBackExactly) {
    TempFolder const folder;
    RandomStream random(11);
    std::vector<float> values;
    while (values.size() < 50000) {
        float const value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (std::isfinite(value)) values.push_back(value);
        values.push_back(static_cast<float>(random.normal()));
    }
    std::string text;
    for (float const& value : values) {
        append_csv_numbers(text, ElementType::float32, &value, 1);
        text += '\n';
    }
    EXPECT_EQ(read_csv(folder.put("x.csv", text)).values, values);
}

TEST(CsvText, TextsAreQuotedWhenTheyMustBe) {
    EXPECT_EQ(quoted("horse"), "horse");
    EXPECT_EQ(quoted("big horse"), "big horse");
    EXPECT_EQ(quoted("a,b"), "\"a,b\"");
    EXPECT_EQ(quoted("a,b", ';'), "a,b");
    EXPECT_EQ(quoted("a b", ' '), "\"a b\"");
    EXPECT_EQ(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(quoted(" a"), "\" a\"");
    EXPECT_EQ(quoted(""), "\"\"");
}

TEST(CsvText, EveryTextIsReadBackExactly) {
    TempFolder const folder;
    RandomStream random(12);
    std::string text = csv_header("id", 1);
    std::vector<std::string> ids;
    for (int i = 0; i < 2000; ++i) {
        constexpr std::string_view letters = "ab ,;\"\t'\xc3\xa9";
        std::string id;
        for (std::uint64_t left = 1 + random.below(6); left > 0; --left)
            id += letters[random.below(letters.size())];
        append_csv_text(text, id);
        text += ",1\n";
        ids.push_back(id);
    }
    EXPECT_EQ(read_csv(folder.put("x.csv", text)).ids, ids);
}

TEST(CsvText, HeaderNamesTheColumns) {
    EXPECT_EQ(csv_header("", 3), "x0,x1,x2\n");
    EXPECT_EQ(csv_header("id", 2, '\t'), "id\tx0\tx1\n");
    EXPECT_EQ(csv_header("my,id", 1), "\"my,id\",x0\n");
}

}  // namespace
}  // namespace partita::format::test
