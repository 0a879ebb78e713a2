#include "partita/core/bytes.hpp"

#include "support/error_message.hpp"

#include "partita/core/error.hpp"

#include <cstdint>
#include <limits>
#include <random>

#include <gmock/gmock.h>

namespace partita {
namespace {

using test::error_message;
using ::testing::HasSubstr;

constexpr std::int64_t kib = 1024, mib = kib * 1024, gib = mib * 1024, tib = gib * 1024;

TEST(ParseSeconds, TakesUnitsFromLongToShort) {
    EXPECT_EQ(parse_seconds("90"), 90);
    EXPECT_EQ(parse_seconds("90s"), 90);
    EXPECT_EQ(parse_seconds("10m"), 600);
    EXPECT_EQ(parse_seconds("1h30m"), 5400);
    EXPECT_EQ(parse_seconds("2d"), 172800);
    for (char const* bad : {"", "m", "10x", "1m1h", "1h30", "-1s", "1.5h", "10m ten"})
        EXPECT_THROW(parse_seconds(bad), Error) << bad;
}

TEST(ParseBytes, UnderstandsEveryUnit) {
    EXPECT_EQ(parse_bytes("1048576"), mib);
    EXPECT_EQ(parse_bytes("12B"), 12);
    EXPECT_EQ(parse_bytes("64k"), 64 * kib);
    EXPECT_EQ(parse_bytes("64KiB"), 64 * kib);
    EXPECT_EQ(parse_bytes("64KB"), 64'000);
    EXPECT_EQ(parse_bytes("3m"), 3 * mib);
    EXPECT_EQ(parse_bytes("3MiB"), 3 * mib);
    EXPECT_EQ(parse_bytes("500 MB"), 500'000'000);
    EXPECT_EQ(parse_bytes("14GiB"), 14 * gib);
    EXPECT_EQ(parse_bytes("14G"), 14 * gib);
    EXPECT_EQ(parse_bytes("2GB"), 2'000'000'000);
    EXPECT_EQ(parse_bytes("2t"), 2 * tib);
    EXPECT_EQ(parse_bytes("2TiB"), 2 * tib);
    EXPECT_EQ(parse_bytes("2TB"), 2'000'000'000'000);
}

TEST(ParseBytes, TakesFractionsSpacesAndAnyCase) {
    EXPECT_EQ(parse_bytes("1.5g"), gib + gib / 2);
    EXPECT_EQ(parse_bytes("0.5KiB"), 512);
    EXPECT_EQ(parse_bytes("0.3k"), 307);  // rounded down
    EXPECT_EQ(parse_bytes(" 7 gib "), 7 * gib);
    EXPECT_EQ(parse_bytes("7GIB"), 7 * gib);
    EXPECT_EQ(parse_bytes("0"), 0);
    EXPECT_EQ(parse_bytes("2.0"), 2);
}

TEST(ParseBytes, IsExactUpToTheLargestSize) {
    EXPECT_EQ(parse_bytes("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(parse_bytes("9007199254740993"), 9007199254740993);  // 2^53 + 1: no double
    EXPECT_EQ(parse_bytes("8388607TiB"), 8388607 * tib);
}

TEST(ParseBytes, RejectsWhatDoesNotFit) {
    for (char const* text : {"9223372036854775808", "8388608TiB", "99999999999g",
                             "99999999999999999999999999999999999999999999"})
        EXPECT_THROW(parse_bytes(text), Error) << text;
    EXPECT_EQ(error_message([] { parse_bytes("8388608TiB"); }),
              "'8388608TiB': expected a size below 8 EiB");
}

TEST(ParseBytes, RejectsWhatIsNoSizeAndQuotesIt) {
    for (char const* text :
         {"",    " ",     "GiB", "-1", "-1g", "+1",  "1x",   "1gibb", "1 0", "1kk", "0x10",
          "1e9", "1.2.3", ".",   " .", "inf", "nan", "1,5g", ".5g",   "1bb", "1ki"})
        EXPECT_THAT(error_message([&] { parse_bytes(text); }),
                    HasSubstr(std::string("'") + text + "': expected a size such as"))
            << text;
}

TEST(ParseBytes, RejectsFractionsOfBytes) {
    EXPECT_THAT(error_message([] { parse_bytes("1.5"); }), HasSubstr("whole bytes"));
    EXPECT_THAT(error_message([] { parse_bytes("0.1B"); }), HasSubstr("whole bytes"));
}

TEST(ParseBytes, UndoesPlainNumbers) {
    std::uint64_t const seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2000; ++i) {
        auto const value = static_cast<std::int64_t>(random() >> (1 + random() % 63));
        EXPECT_EQ(parse_bytes(std::to_string(value)), value);
    }
}

TEST(FormatBytes, ShowsThreeDigits) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(311), "311 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(1024), "1.00 KiB");
    EXPECT_EQ(format_bytes(12.0 * mib), "12.0 MiB");
    EXPECT_EQ(format_bytes(1.5 * gib), "1.50 GiB");
    EXPECT_EQ(format_bytes(123.0 * gib), "123 GiB");
    EXPECT_EQ(format_bytes(1023.6 * kib), "1.00 MiB");
    EXPECT_EQ(format_bytes(9.996 * kib), "10.0 KiB");
    EXPECT_EQ(format_bytes(99.96 * kib), "100 KiB");
    EXPECT_EQ(format_bytes(9.3e18), "8.07 EiB");
    EXPECT_EQ(format_bytes(-1.5 * gib), "-1.50 GiB");
}

TEST(FormatCount, SeparatesThousands) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1,000");
    EXPECT_EQ(format_count(500000), "500,000");
    EXPECT_EQ(format_count(-1234567), "-1,234,567");
    EXPECT_EQ(format_count(-123), "-123");
    EXPECT_EQ(format_count(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(FormatSeconds, PicksTheUnit) {
    EXPECT_EQ(format_seconds(0), "0 s");
    EXPECT_EQ(format_seconds(12e-6), "12 us");
    EXPECT_EQ(format_seconds(0.0032), "3.2 ms");
    EXPECT_EQ(format_seconds(0.045), "45 ms");
    EXPECT_EQ(format_seconds(3.2), "3.2 s");
    EXPECT_EQ(format_seconds(42), "42 s");
    EXPECT_EQ(format_seconds(130), "2 min 10 s");
    EXPECT_EQ(format_seconds(3900), "1 h 05 min");
    EXPECT_EQ(format_seconds(-3.2), "-3.2 s");
}

TEST(FormatSeconds, RoundsAcrossUnits) {
    EXPECT_EQ(format_seconds(0.9996), "1.0 s");
    EXPECT_EQ(format_seconds(9.97), "10 s");
    EXPECT_EQ(format_seconds(59.6), "1 min 00 s");
    EXPECT_EQ(format_seconds(3599.6), "1 h 00 min");
    EXPECT_EQ(format_seconds(7199), "2 h 00 min");
    EXPECT_EQ(format_seconds(3.6e6), "1,000 h 00 min");
}

TEST(FormatSeconds, SurvivesWhatIsNoTime) {
    EXPECT_EQ(format_seconds(std::numeric_limits<double>::infinity()), "inf s");
    EXPECT_EQ(format_seconds(std::numeric_limits<double>::quiet_NaN()), "nan s");
}

}  // namespace
}  // namespace partita
