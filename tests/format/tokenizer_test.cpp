#include "partita/format/tokenizer.hpp"

#include "partita/core/error.hpp"
#include "partita/core/random.hpp"

#include <regex>

#include <gmock/gmock.h>

using namespace partita;
using format::Tokenizer;
using Words = std::vector<std::string>;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

Words words_of(Tokenizer& tokenizer, std::string_view text) {
    Words words;
    tokenizer.for_each(text, [&](std::string_view word) { words.emplace_back(word); });
    return words;
}
Words words_of(std::string const& pattern, std::string_view text, bool lower = false) {
    Tokenizer tokenizer(pattern, lower);
    return words_of(tokenizer, text);
}

TEST(Tokenizer, FindsRunsOfASet) {
    EXPECT_THAT(words_of("[a-z]+", "one two\nThree"), ElementsAre("one", "two", "hree"));
    EXPECT_THAT(words_of("[a-z]+", "one tWo\nThree", true), ElementsAre("one", "two", "three"));
    EXPECT_THAT(words_of("[a-z]+", " 12 "), IsEmpty());
    EXPECT_THAT(words_of("[a-z]+", ""), IsEmpty());
    EXPECT_THAT(words_of("[a-zA-Z'-]+", "it's well-known."), ElementsAre("it's", "well-known"));
    EXPECT_THAT(words_of("[^ ,]+", "a,b c\r\nd\xc3\xa9"), ElementsAre("a", "b", "c", "d\xc3\xa9"));
    EXPECT_THAT(words_of("\\d+", "7 of 12"), ElementsAre("7", "12"));
    EXPECT_THAT(words_of("\\S+", "a-b  c\td"), ElementsAre("a-b", "c", "d"));
    EXPECT_THAT(words_of("[\\w.]+", "a.b c_1!"), ElementsAre("a.b", "c_1"));
}

TEST(Tokenizer, LeavesOtherPatternsToRegularExpressions) {
    EXPECT_TRUE(Tokenizer("[a-z]+", false).is_set());
    EXPECT_TRUE(Tokenizer("[\\w-]+", false).is_set());
    EXPECT_FALSE(Tokenizer("[a-z]+ing", false).is_set());
    EXPECT_FALSE(Tokenizer("[[:alpha:]]+", false).is_set());
    EXPECT_THAT(words_of("[A-Z][a-z]+", "Anna met Bob.\r\nThen Eve"),
                ElementsAre("Anna", "Bob", "Then", "Eve"));
    EXPECT_THAT(words_of("[[:alpha:]]+", "ab1c", false), ElementsAre("ab", "c"));
    EXPECT_THAT(words_of("^\\w+", "one two\nthree four"), ElementsAre("one", "three"));
    EXPECT_THAT(words_of("x*", "axxb"), ElementsAre("xx"));
    EXPECT_THAT(words_of("b.?", "aB\nb", true), ElementsAre("b", "b"));
}

TEST(Tokenizer, RefusesWhatIsNoPattern) { EXPECT_THROW(Tokenizer("[a", false), Error); }

TEST(Tokenizer, FindsWordsThatCrossBlocksAndChunks) {
    Tokenizer tokenizer("[a-z]+", false);
    for (std::size_t const length : {63u, 64u, 65u, 32767u, 32768u, 32769u, 70000u}) {
        std::string const word(length, 'x');
        EXPECT_EQ(words_of(tokenizer, word), Words{word}) << length;
        EXPECT_EQ(words_of(tokenizer, word + " y"), (Words{word, "y"})) << length;
        EXPECT_EQ(words_of(tokenizer, "y " + word + "\n"), (Words{"y", word})) << length;
    }
}

TEST(Tokenizer, AgreesWithStdRegexOnRandomText) {
    constexpr std::uint64_t seed = 11;
    RandomStream random(seed, 0);
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "aBcz '-19\n"[random.below(10)];
    for (char const* const pattern : {"[a-z]+", "[a-z']+", "[^ \n]+", "[\\w'-]+", "[ac19 -]+"}) {
        std::regex const expression(pattern);
        Words expected;
        for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
            expected.push_back(at->str());
        EXPECT_EQ(words_of(pattern, text), expected) << pattern << " seed " << seed;
    }
}

}  // namespace
