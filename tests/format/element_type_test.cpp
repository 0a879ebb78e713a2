#include "partita/format/element_type.hpp"

#include "support/error_message.hpp"

#include <limits>
#include <vector>

#include <gmock/gmock.h>

namespace partita::format {
namespace {

using partita::test::error_message;
using testing::ElementsAre;

TEST(ElementType, HasSizesAndNames) {
    EXPECT_EQ(size_of(ElementType::float32), 4u);
    EXPECT_EQ(size_of(ElementType::float64), 8u);
    EXPECT_EQ(size_of(ElementType::uint8), 1u);
    EXPECT_EQ(size_of(ElementType::int32), 4u);
    EXPECT_EQ(size_of(ElementType::int64), 8u);
    EXPECT_EQ(to_string(ElementType::float32), "float32");
    EXPECT_EQ(to_string(ElementType::int64), "int64");
}

template <class From, class To>
std::vector<To> converted(ElementType from, std::vector<From> const& values, ElementType to) {
    std::vector<To> target(values.size());
    convert_elements(from, values.data(), to, target.data(),
                     static_cast<std::int64_t>(values.size()));
    return target;
}

TEST(ConvertElements, KeepsWholeNumbers) {
    using enum ElementType;
    EXPECT_THAT((converted<float, std::uint8_t>(float32, {0, 255, 7}, uint8)),
                ElementsAre(0, 255, 7));
    EXPECT_THAT((converted<double, std::int64_t>(float64, {-0x1p63, 0x1p62, -0.0}, int64)),
                ElementsAre(std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 62, 0));
    EXPECT_THAT((converted<std::uint8_t, float>(uint8, {0, 200}, float32)), ElementsAre(0, 200));
    EXPECT_THAT((converted<std::int64_t, std::int32_t>(int64, {-5, 6}, int32)), ElementsAre(-5, 6));
    EXPECT_THAT((converted<std::int32_t, double>(int32, {-5, 6}, float64)), ElementsAre(-5, 6));
}

TEST(ConvertElements, RoundsToFloatingPoint) {
    using enum ElementType;
    EXPECT_THAT((converted<double, float>(float64, {0.1, 1e300, 1e-300}, float32)),
                ElementsAre(0.1f, std::numeric_limits<float>::infinity(), 0));
    EXPECT_THAT((converted<std::int32_t, float>(int32, {(1 << 24) + 1}, float32)),
                ElementsAre(1 << 24));
}

TEST(ConvertElements, NamesTheFirstValueThatDoesNotFit) {
    using enum ElementType;
    EXPECT_EQ(error_message([] {
                  converted<float, std::uint8_t>(float32, {1, 3.5}, uint8);
              }),
              "value 1: expected a whole number from 0 to 255, got 3.5");
    EXPECT_EQ(error_message([] { converted<float, std::uint8_t>(float32, {256}, uint8); }),
              "value 0: expected a whole number from 0 to 255, got 256");
    EXPECT_EQ(error_message([] { converted<float, std::uint8_t>(float32, {-1}, uint8); }),
              "value 0: expected a whole number from 0 to 255, got -1");
    EXPECT_EQ(error_message([] {
                  converted<double, std::int32_t>(
                      float64, {0, std::numeric_limits<double>::quiet_NaN()}, int32);
              }),
              "value 1: expected a whole number from -2147483648 to 2147483647, got nan");
    EXPECT_EQ(error_message([] { converted<double, std::int64_t>(float64, {0x1p63}, int64); }),
              "value 0: expected a whole number from -9223372036854775808 to 9223372036854775807, "
              "got 9.223372036854776e+18");
    EXPECT_EQ(
        error_message([] { converted<std::int64_t, std::int32_t>(int64, {1L << 31}, int32); }),
        "value 0: expected a whole number from -2147483648 to 2147483647, got 2147483648");
}

}  // namespace
}  // namespace partita::format
