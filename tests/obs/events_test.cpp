#include "partita/obs/events.hpp"

#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace partita::obs {
namespace {

using test::TempFolder;
using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

std::vector<Json> events_in(TempFolder const& folder) {
    std::istringstream lines(folder.get("events"));
    std::vector<Json> events;
    for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
    return events;
}

class Events : public ::testing::Test {
  protected:
    Events() { open_events(folder_.file("events")); }
    ~Events() override { open_events(""); }
    TempFolder folder_;
};

TEST_F(Events, AreOneJsonObjectALineInOrder) {
    emit("index.built", {{"rows", std::int64_t{1} << 40}, {"at", std::string("flat")}});
    emit("done", {});
    auto const events = events_in(folder_);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].at("event"), "index.built");
    EXPECT_EQ(events[0].at("rows"), std::int64_t{1} << 40);
    EXPECT_EQ(events[0].at("at"), "flat");
    std::vector<std::string> keys;
    for (auto const& item : events[0].items()) keys.push_back(item.key());
    EXPECT_THAT(keys, ::testing::ElementsAre("event", "seconds", "rows", "at"));
    EXPECT_EQ(events[1].at("event"), "done");
    EXPECT_EQ(events[1].size(), 2u);
    EXPECT_GE(events[0].at("seconds").get<double>(), 0);
    EXPECT_GE(events[1].at("seconds").get<double>(), events[0].at("seconds").get<double>());
}

TEST_F(Events, KeepTheTypesOfTheirFields) {
    emit("e", {{"yes", true}, {"whole", std::int64_t{1}}, {"real", 1.0}, {"text", "1"}});
    auto const event = events_in(folder_).at(0);
    EXPECT_TRUE(event.at("yes").is_boolean());
    EXPECT_TRUE(event.at("whole").is_number_integer());
    EXPECT_TRUE(event.at("real").is_number_float());
    EXPECT_TRUE(event.at("text").is_string());
}

TEST_F(Events, NumbersThatJsonLacksBecomeText) {
    double const infinity = std::numeric_limits<double>::infinity();
    emit("e", {{"a", infinity},
               {"b", -infinity},
               {"c", std::numeric_limits<double>::quiet_NaN()},
               {"d", 0.1}});
    auto const event = events_in(folder_).at(0);
    EXPECT_EQ(event.at("a"), "inf");
    EXPECT_EQ(event.at("b"), "-inf");
    EXPECT_EQ(event.at("c"), "nan");
    EXPECT_EQ(event.at("d").get<double>(), 0.1);
}

TEST_F(Events, SurviveAnyBytesInTexts) {
    emit("e", {{"path", std::string("a\"b\\c\nd\xff")}});
    EXPECT_EQ(events_in(folder_).at(0).at("path"), "a\"b\\c\nd\xef\xbf\xbd");
}

TEST_F(Events, AreWrittenAtOnceAndCanBeTurnedOff) {
    emit("first", {});
    EXPECT_EQ(events_in(folder_).size(), 1u);
    open_events("");
    emit("second", {});
    EXPECT_EQ(events_in(folder_).size(), 1u);
}

TEST_F(Events, OpeningAgainStartsAnew) {
    emit("first", {});
    open_events(folder_.file("events"));
    emit("second", {});
    ASSERT_EQ(events_in(folder_).size(), 1u);
    EXPECT_EQ(events_in(folder_)[0].at("event"), "second");
}

TEST_F(Events, AFileThatCannotBeMadeIsAnError) {
    std::string const path = folder_.file("no/events");
    EXPECT_EQ(test::error_message([&] { open_events(path); }),
              path + ": cannot write events: No such file or directory");
    emit("dropped", {});
}

TEST_F(Events, AFullDiskIsSaidOnceAndDoesNotEndTheWork) {
    open_events("/dev/full");
    testing::internal::CaptureStderr();
    emit("first", {});
    emit("second", {});
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "partita: warning: /dev/full: cannot write any more events\n");
}

}  // namespace
}  // namespace partita::obs
