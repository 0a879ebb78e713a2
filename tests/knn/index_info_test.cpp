#include "partita/knn/index_info.hpp"

#include "support/error_message.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/build.hpp"

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

IndexInfo example() {
    IndexInfo info;
    info.type = "ivf";
    info.metric = Metric::cosine;
    info.rows = 1'000'000'000'000;
    info.dim = 128;
    info.normalised = true;
    info.lists = 4000;
    info.source = "a \"quoted\" name.h5:/train";
    info.ids_file = "x.ids.npy";
    info.data_hash = 0xfedcba9876543210u;
    info.seed = 18446744073709551615u;
    info.default_effort = 12;
    info.curve_k = 10;
    info.curve = {{1, 0.5, 3.25}, {12, 0.95, 20}};
    return info;
}

TEST(IndexInfo, SurvivesJson) {
    IndexInfo const info = example();
    IndexInfo const back = index_info_from_json(to_json(info), "x.json");
    EXPECT_EQ(to_json(back), to_json(info));
    EXPECT_EQ(back.data_hash, info.data_hash);
    EXPECT_EQ(back.seed, info.seed);
    EXPECT_EQ(back.metric, Metric::cosine);
    EXPECT_EQ(back.curve.at(1).effort, 12);
}

std::string message(std::string const& text) {
    return test::error_message([&] { index_info_from_json(text, "x.json"); });
}

TEST(IndexInfo, WrongSidecarsAreExplained) {
    EXPECT_EQ(message("nonsense"), "x.json: expected JSON, got something else");
    EXPECT_NE(message("[1]").find("expected the description of an index"), std::string::npos);
    EXPECT_NE(message(R"({"format":"else"})").find("expected the description"), std::string::npos);
    EXPECT_NE(message(R"({"format":"partita-knn-index","version":99})").find("newer"),
              std::string::npos);
    EXPECT_NE(message(R"({"format":"partita-knn-index","version":1})").find("missing"),
              std::string::npos);
    std::string lies = to_json(example());
    lies.replace(lies.find("\"dim\": 128"), 10, "\"dim\": -12");
    EXPECT_NE(message(lies).find("positive"), std::string::npos);
}

TEST(ChooseType, FlatWhileExactSearchIsQuick) {
    EXPECT_EQ(choose_type(40'346, 50, 40'346).type, "flat");
    EXPECT_EQ(choose_type(500'000, 128, 500'000).type, "ivf");
    EXPECT_EQ(choose_type(500'000, 128, 100).type, "flat");
    EXPECT_EQ(choose_type(10, 1'000'000, 10'000'000'000).type, "flat");
    EXPECT_NE(choose_type(500'000, 128, 500'000).reason.find("ivf, since"), std::string::npos);
}

TEST(DefaultLists, LeaveEnoughVectorsForEach) {
    EXPECT_EQ(default_lists(1), 1);
    EXPECT_EQ(default_lists(390), 10);
    EXPECT_EQ(default_lists(500'000), 2828);
}

}  // namespace
}  // namespace partita::knn
