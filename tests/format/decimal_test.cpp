#include "format/decimal.hpp"

#include "partita/core/random.hpp"

#include <charconv>
#include <string>

#include <gmock/gmock.h>

namespace partita::format {
namespace {

/// What parse_decimal made of a text, with its oracle: std::from_chars.
struct Parsed {
    bool certain = false;
    std::ptrdiff_t length = 0;
    float value = 0, expected = 0;
};

Parsed parse(std::string const& text) {
    Parsed parsed;
    char const* const first = text.data();
    char const* const last = first + text.size();
    char const* const end = parse_decimal(first, last, parsed.value);
    parsed.certain = end != nullptr;
    if (end) parsed.length = end - first;
    std::from_chars(first, last, parsed.expected);
    return parsed;
}

TEST(ParseDecimal, ReadsUpToWhatIsNoDigit) {
    EXPECT_EQ(parse("12,3").length, 2);
    EXPECT_EQ(parse("1.5e3").length, 3);
    EXPECT_EQ(parse("1.2.3").length, 3);
    EXPECT_EQ(parse("5.").value, 5);
    EXPECT_EQ(parse(".5").value, .5f);
    EXPECT_EQ(parse("-0.25").value, -.25f);
    EXPECT_EQ(parse("0.000000").value, 0);
    for (char const* text : {"", "-", ".", "-.", "+1", "x", " 1", "nan", "inf"})
        EXPECT_FALSE(parse(text).certain) << text;
}

TEST(ParseDecimal, LeavesToOthersWhatItCannotDecide) {
    // Halfway between the floats 2^24 and 2^24 + 2; too many digits; below the normal numbers.
    EXPECT_FALSE(parse("16777217").certain);
    EXPECT_TRUE(parse("16777217.01").certain);
    EXPECT_EQ(parse("16777217.01").value, 16777218);
    EXPECT_FALSE(parse("9007199254740993").certain);
    EXPECT_TRUE(parse("0.00000000000000001").certain);
}

TEST(ParseDecimal, GivesTheNearestFloat) {
    std::uint64_t const seed = 20240607;
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed);
    int certain = 0;
    for (int i = 0; i < 200000; ++i) {
        std::uint64_t const digits = random() >> random.below(64);
        std::string text = std::to_string(digits);
        // Near halfway between floats, where rounding twice would go wrong.
        if (i % 4 == 0) text = std::to_string((digits | 1) >> 11) + "5";
        text.insert(random.below(text.size() + 1), ".");
        if (i % 3 == 0) text = "-" + text;
        Parsed const parsed = parse(text);
        if (!parsed.certain || parsed.length != std::ptrdiff_t(text.size())) continue;
        ++certain;
        ASSERT_EQ(parsed.value, parsed.expected) << text;
    }
    EXPECT_GT(certain, 100000);
}

TEST(ParseDecimal, GivesTheNearestFloatNextToEveryHalf) {
    RandomStream random(7);
    for (int i = 0; i < 100000; ++i) {
        // A float, the point halfway to the next one, and a little to both sides of that.
        double const low = static_cast<double>(static_cast<float>(random.uniform() * 1000));
        double const high = std::nextafterf(static_cast<float>(low), 2000);
        for (double const factor : {1 - 0x1p-50, 1.0, 1 + 0x1p-50}) {
            std::string const text = std::to_string(0.5 * (low + high) * factor);
            Parsed const parsed = parse(text);
            if (parsed.certain) {
                ASSERT_EQ(parsed.value, parsed.expected) << text;
            }
        }
    }
}

}  // namespace
}  // namespace partita::format
