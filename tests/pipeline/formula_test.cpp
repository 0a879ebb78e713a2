#include "partita/pipeline/formula.hpp"

#include "support/error_message.hpp"

#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

std::vector<std::string> const columns{"y", "a", "b", "c", "odd name"};

/// "label ~ terms", with 1 or 0 for the intercept at the end.
std::string reading_of(std::string const& text) {
    Formula const formula = parse_formula(text, columns);
    std::string shown = formula.label + " ~";
    for (auto const& term : formula.terms) {
        shown += ' ';
        for (std::size_t i = 0; i < term.size(); ++i) shown += (i ? ":" : "") + term[i];
    }
    return shown + (formula.intercept ? " 1" : " 0");
}

TEST(Formula, ReadsWhatRWouldRead) {
    EXPECT_EQ(reading_of("y ~ a + b"), "y ~ a b 1");
    EXPECT_EQ(reading_of("y ~ ."), "y ~ a b c odd name 1");
    EXPECT_EQ(reading_of("y~.-c"), "y ~ a b odd name 1");
    EXPECT_EQ(reading_of("y ~ a:b + c"), "y ~ a:b c 1");
    EXPECT_EQ(reading_of("y ~ a*b"), "y ~ a b a:b 1");
    EXPECT_EQ(reading_of("y ~ (a + b + c)^2"), "y ~ a b c a:b a:c b:c 1");
    EXPECT_EQ(reading_of("y ~ (a + b):c - 1"), "y ~ a:c b:c 0");
    EXPECT_EQ(reading_of("y ~ a + 0"), "y ~ a 0");
    EXPECT_EQ(reading_of("~ a + `odd name`"), " ~ a odd name 1");
    EXPECT_EQ(reading_of("y ~ b:a + a:b"), "y ~ b:a 1");
    EXPECT_EQ(reading_of("y ~ a:a"), "y ~ a 1");
}

TEST(Formula, SaysWhatItDoesNotUnderstand) {
    auto const message = [](std::string const& text) {
        return test::error_message([&] { parse_formula(text, columns); });
    };
    EXPECT_EQ(message("y ~ a + oddname"),
              "formula 'y ~ a + oddname': no column 'oddname' (did you mean 'odd name'?)");
    EXPECT_EQ(message("y ~ a +"), "formula 'y ~ a +': expected more at the end");
    EXPECT_EQ(message("y = a"), "formula 'y = a': did not expect '=' at character 3");
    EXPECT_EQ(message("y ~ (a"), "formula 'y ~ (a': expected more at the end");
    EXPECT_EQ(message("y ~ `a"), "formula 'y ~ `a': a backtick is not closed");
    EXPECT_EQ(message("y ~ a^0"), "formula 'y ~ a^0': did not expect '0' at character 7");
    EXPECT_EQ(message("y ~ a) + b"), "formula 'y ~ a) + b': did not expect ')' at character 6");
}

}  // namespace
}  // namespace partita::pipeline
