#include "partita/obs/log.hpp"

#include "obs/status_line.hpp"
#include "support/error_message.hpp"

#include <gmock/gmock.h>

namespace partita::obs {
namespace {

/// What `work` writes to standard error.
template <class Work>
std::string said_by(Work work) {
    testing::internal::CaptureStderr();
    work();
    return testing::internal::GetCapturedStderr();
}

class Log : public ::testing::Test {
  protected:
    ~Log() override { set_log(LogLevel::info, true); }
};

void say_everything() {
    debug("d {}", 1);
    info("i {}", 2);
    warn("w {}", 3);
    log_message(LogLevel::error, "e 4");
}

TEST_F(Log, ShowsMessagesFromItsLevelOn) {
    set_log(LogLevel::debug, true);
    EXPECT_EQ(said_by(say_everything),
              "partita: debug: d 1\npartita: i 2\npartita: warning: w 3\npartita: error: e 4\n");
    set_log(LogLevel::info, true);
    EXPECT_EQ(said_by(say_everything),
              "partita: i 2\npartita: warning: w 3\npartita: error: e 4\n");
    set_log(LogLevel::warning, true);
    EXPECT_EQ(said_by(say_everything), "partita: warning: w 3\npartita: error: e 4\n");
    set_log(LogLevel::error, true);
    EXPECT_EQ(said_by(say_everything), "partita: error: e 4\n");
    set_log(LogLevel::off, true);
    EXPECT_EQ(said_by(say_everything), "");
}

TEST_F(Log, OtherRanksAreSilent) {
    set_log(LogLevel::debug, false);
    EXPECT_EQ(said_by(say_everything), "");
}

TEST_F(Log, TakesTextAsItIs) {
    EXPECT_EQ(said_by([] { info("{}", "50 %v {} {0}"); }), "partita: 50 %v {} {0}\n");
}

TEST_F(Log, WipesAStatusLineFirst) {
    EXPECT_EQ(said_by([] {
                  detail::draw_status_line("search 10 %");
                  info("note");
                  info("another");
              }),
              "\rsearch 10 %\033[K\r\033[Kpartita: note\npartita: another\n");
}

TEST(ParseLogLevel, KnowsItsNames) {
    EXPECT_EQ(parse_log_level("debug"), LogLevel::debug);
    EXPECT_EQ(parse_log_level("info"), LogLevel::info);
    EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
    EXPECT_EQ(parse_log_level("error"), LogLevel::error);
    EXPECT_EQ(parse_log_level("off"), LogLevel::off);
    EXPECT_EQ(test::error_message([] { parse_log_level("warnign"); }),
              "log level: expected debug, info, warning, error or off, got 'warnign' "
              "(did you mean 'warning'?)");
}

}  // namespace
}  // namespace partita::obs
