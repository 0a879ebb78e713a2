#include "pipeline/large_arrays.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

using nlohmann::json;

TEST(LargeArrays, LeaveTheTextAndComeBack) {
    json const ints(std::vector<std::int64_t>(20, 1LL << 60)), reals(std::vector<double>(17, 0.1));
    json const rows(std::vector<std::vector<double>>(6, {1.5, 2, 3}));
    json mixed = reals;
    mixed.push_back("inf");
    json const tree{{"a", {{{"ints", ints}, {"reals", reals}}, ints}},
                    {"rows", rows},
                    {"mixed", mixed},
                    {"uneven", {json{1, 2, 3, 4, 5, 6, 7, 8}, json{1, 2, 3, 4, 5, 6, 7, 8, 9}}},
                    {"short", {1, 2}},
                    {"empty", json::array()},
                    {"text", "array"}};
    io::ArrayFile const file = without_large_arrays(tree);
    EXPECT_EQ(file.integers.size(), 40u);
    EXPECT_EQ(file.numbers.size(), 17u + 18u);
    EXPECT_EQ(with_large_arrays(file), tree);
    EXPECT_EQ(without_large_arrays(tree["short"]).text, tree["short"].dump(1));
}

TEST(LargeArrays, ReferencesMustLeadSomewhere) {
    for (char const* bad :
         {R"(["numbers", 1, 2])", R"(["numbers", 3, 0])", R"(["texts", 0, 1])",
          R"(["numbers", -1, 1])", R"(["numbers", 0])", R"(["numbers", 0, 1, 3])"})
        EXPECT_ANY_THROW(
            with_large_arrays({std::string(R"({"x": {"array": )") + bad + "}}", {1, 2}, {}}))
            << bad;
}

}  // namespace
}  // namespace partita::pipeline
