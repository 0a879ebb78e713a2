#include "obs/progress_text.hpp"

#include <gmock/gmock.h>

namespace partita::obs::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProgressSnapshot const half{"search", "queries", 520'000, 1'000'000, 40};

TEST(BarText, SaysEverythingWhenThereIsRoom) {
    EXPECT_EQ(bar_text(half, 120),
              "search [===============>              ]  52 %  520,000/1,000,000 queries  "
              "13,000 queries/s  37 s left");
}

TEST(BarText, FitsEveryWidth) {
    for (int columns = 0; columns < 140; ++columns)
        for (std::int64_t const done : {0, 1, 520'000, 999'999, 1'000'000}) {
            ProgressSnapshot snapshot = half;
            snapshot.done = done;
            EXPECT_LE(static_cast<int>(bar_text(snapshot, columns).size()), columns);
        }
}

TEST(BarText, DropsTheLeastNeededFirst) {
    EXPECT_THAT(bar_text(half, 90), HasSubstr("queries/s"));
    EXPECT_THAT(bar_text(half, 75), Not(HasSubstr("queries/s")));
    EXPECT_THAT(bar_text(half, 75), HasSubstr("520,000/1,000,000 queries"));
    EXPECT_THAT(bar_text(half, 45), Not(HasSubstr("520,000")));
    EXPECT_THAT(bar_text(half, 45), HasSubstr("37 s left"));
    EXPECT_EQ(bar_text(half, 20), "search 52 %");
}

TEST(BarText, ShowsTheEnds) {
    ProgressSnapshot snapshot = half;
    snapshot.done = 0;
    EXPECT_EQ(bar_text(snapshot, 75),
              "search [>                             ]   0 %  "
              "0/1,000,000 queries");
    snapshot.done = 999'999;
    EXPECT_THAT(bar_text(snapshot, 110), HasSubstr("  99 %"));
    EXPECT_THAT(bar_text(snapshot, 110), HasSubstr("1 s left"));
    snapshot.done = 1'000'000;
    EXPECT_THAT(bar_text(snapshot, 110),
                StartsWith("search [==============================] 100 %"));
    EXPECT_THAT(bar_text(snapshot, 110), HasSubstr("0 s left"));
}

TEST(LogText, IsASentence) {
    EXPECT_EQ(log_text(half),
              "search: 52 %, 520,000 of 1,000,000 queries, 13,000 queries/s, 37 s left");
    ProgressSnapshot slow{"build", "items", 1, 100, 4};
    EXPECT_EQ(log_text(slow), "build: 1 %, 1 of 100 items, 0.2 items/s, 6 min 36 s left");
}

TEST(LogText, NeedsNoNumbersToWorkWith) {
    EXPECT_EQ(log_text({"search", "queries", 0, 10, 12}), "search: 0 %, 0 of 10 queries");
    EXPECT_EQ(log_text({"search", "queries", 0, 0, 12}), "search: 100 %, 0 of 0 queries, 0 s left");
}

TEST(FinishedText, SumsUp) {
    EXPECT_EQ(finished_text({"search", "queries", 1'000'000, 1'000'000, 80}),
              "search: 1,000,000 queries in 1 min 20 s, 12,500 queries/s");
}

}  // namespace
}  // namespace partita::obs::detail
