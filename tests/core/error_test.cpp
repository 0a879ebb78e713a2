#include "partita/core/error.hpp"

#include "support/error_message.hpp"

#include <cerrno>

#include <gmock/gmock.h>

namespace partita {
namespace {

using test::error_message;

TEST(Error, FailFormatsItsMessage) {
    EXPECT_EQ(error_message([] { fail("{}: expected {} dimensions, got {}", "x.npy", 2, 3); }),
              "x.npy: expected 2 dimensions, got 3");
}

TEST(Error, CheckThrowsOnlyWhenItDoesNotHold) {
    EXPECT_NO_THROW(check(true, "never {}", 1));
    EXPECT_EQ(error_message([] { check(false, "got {}", 1); }), "got 1");
}

TEST(Error, BracesInArgumentsAreText) {
    EXPECT_EQ(error_message([] { fail("{}: bad", std::string("a{}b")); }), "a{}b: bad");
}

TEST(Error, ErrnoTextIsTheSystemsSentence) {
    EXPECT_EQ(errno_text(ENOENT), "No such file or directory");
    EXPECT_EQ(errno_text(ENOSPC), "No space left on device");
}

}  // namespace
}  // namespace partita
