#include "partita/core/suggest.hpp"

#include <gmock/gmock.h>

namespace partita {
namespace {

std::vector<std::string> const metrics{"l2", "cosine", "ip"};

TEST(NearestWord, FindsTypingErrors) {
    EXPECT_EQ(nearest_word("cosin", metrics), "cosine");    // one left out
    EXPECT_EQ(nearest_word("coosine", metrics), "cosine");  // one too many
    EXPECT_EQ(nearest_word("kosine", metrics), "cosine");   // one for another
    EXPECT_EQ(nearest_word("csoine", metrics), "cosine");   // two swapped: one edit, not two
    EXPECT_EQ(nearest_word("COSINE", metrics), "cosine");
    EXPECT_EQ(nearest_word("l3", metrics), "l2");
    EXPECT_EQ(nearest_word("pi", metrics), "ip");
}

TEST(NearestWord, StaysSilentWhenNothingIsNear) {
    EXPECT_EQ(nearest_word("manhattan", metrics), "");
    EXPECT_EQ(nearest_word("", metrics), "");
    EXPECT_EQ(nearest_word("xy", metrics), "");
    EXPECT_EQ(nearest_word("cosine", {}), "");
    EXPECT_EQ(nearest_word("a", std::vector<std::string>{"b"}), "");
}

TEST(NearestWord, TakesTheNearestAndOfEqualsTheFirst) {
    EXPECT_EQ(nearest_word("train", std::vector<std::string>{"trail", "strain", "train"}), "train");
    EXPECT_EQ(nearest_word("tesk", std::vector<std::string>{"test", "task"}), "test");
}

TEST(DidYouMean, IsReadyToAppend) {
    EXPECT_EQ(did_you_mean("cosin", metrics), " (did you mean 'cosine'?)");
    EXPECT_EQ(did_you_mean("manhattan", metrics), "");
}

TEST(OneOf, ReadsAsAList) {
    EXPECT_EQ(one_of(metrics), "l2, cosine or ip");
    EXPECT_EQ(one_of(std::vector<std::string>{"a", "b"}), "a or b");
    EXPECT_EQ(one_of(std::vector<std::string>{"a"}), "a");
    EXPECT_EQ(one_of({}), "");
}

}  // namespace
}  // namespace partita
