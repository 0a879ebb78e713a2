#include "partita/obs/progress.hpp"

#include "obs/progress_clock.hpp"
#include "support/scoped_env.hpp"

#include "partita/obs/log.hpp"
#include "partita/obs/progress_board.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace partita::obs {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::atomic<double> clock_seconds{0};

/// Standard error is a file here, so the bar must be asked for; the test turns the clock.
class ProgressTest : public ::testing::Test {
  protected:
    ProgressTest() {
        clock_seconds = 1000;
        detail::set_progress_clock([] { return clock_seconds.load(); });
    }
    ~ProgressTest() override {
        detail::set_progress_clock(nullptr);
        set_progress(ProgressStyle::none, false);
        set_log(LogLevel::info, true);
    }
    template <class Work>
    static std::string said_by(Work work) {
        testing::internal::CaptureStderr();
        work();
        return testing::internal::GetCapturedStderr();
    }
    static void pass(double seconds) { clock_seconds = clock_seconds + seconds; }
    static int draws(std::string const& text) {
        return static_cast<int>(std::count(text.begin(), text.end(), '\r'));
    }

    test::ScopedEnv const columns_{"COLUMNS", "100"};
    test::ScopedEnv const mpirun_{"OMPI_COMM_WORLD_RANK", nullptr};
};

TEST_F(ProgressTest, SaysNothingAboutShortWork) {
    for (auto const style : {ProgressStyle::bar, ProgressStyle::log}) {
        set_progress(style, true);
        EXPECT_EQ(said_by([] {
                      Progress progress("search", "queries", 100, 100);
                      for (int i = 0; i < 100; ++i) {
                          pass(0.0199);
                          progress.add(1);
                      }
                  }),
                  "");
    }
}

TEST_F(ProgressTest, DrawsTheBarAtMostFiveTimesASecond) {
    set_progress(ProgressStyle::bar, true);
    std::string const said = said_by([] {
        Progress progress("search", "queries", 1000, 1000);
        for (int i = 0; i < 400; ++i) {
            pass(0.01);
            progress.add(1);
        }
    });
    EXPECT_GE(draws(said), 9);  // two seconds of silence, then two of drawing
    EXPECT_LE(draws(said), 11);
    EXPECT_THAT(said, StartsWith("\rsearch ["));
    EXPECT_THAT(said, EndsWith("\n"));
}

TEST_F(ProgressTest, ScalesItsShareToTheJob) {
    set_progress(ProgressStyle::bar, true);
    EXPECT_THAT(said_by([] {
                    Progress progress("search", "queries", 100, 1'000'000);
                    pass(4);
                    progress.add(25);
                }),
                HasSubstr("25 %  250,000/1,000,000 queries  62,500 queries/s  12 s left"));
}

/// Of four ranks one is as far as rank 0, one much slower, one elsewhere, and later all are done.
TEST_F(ProgressTest, AddsUpTheRanksOfABoard) {
    std::vector<ProgressSlot> slots(4);
    auto const work_of = [&](std::size_t rank) {
        set_progress_board({slots, rank});
        return std::make_unique<Progress>("search", "queries", 100, 400);
    };
    set_progress(ProgressStyle::none, false);
    auto fast = work_of(1), slow = work_of(2);
    set_progress_board({slots, 3});
    auto elsewhere = std::make_unique<Progress>("read", "rows", 100, 400);
    set_progress(ProgressStyle::bar, true);
    auto mine = work_of(0);
    set_progress_board({});
    fast->add(50), slow->add(10), elsewhere->add(90);
    EXPECT_THAT(said_by([&] {
                    pass(10);
                    mine->add(40);
                }),
                HasSubstr(" 25 %  100/400 queries"));
    elsewhere.reset();
    fast->add(50);
    EXPECT_THAT(
        said_by([&] {
            pass(1);
            mine->add(1);
            fast.reset();
            pass(1);
            mine->add(29);
        }),
        testing::AllOf(HasSubstr(" 37 %  151/400 queries"), HasSubstr(" 45 %  180/400 queries")));
    EXPECT_THAT(said_by([&] {
                    mine->add(30);
                    mine.reset();
                }),
                HasSubstr("search: 400 queries in 12 s"));
}

TEST_F(ProgressTest, EndsWithASummaryWhenAllIsDone) {
    set_progress(ProgressStyle::bar, true);
    EXPECT_THAT(said_by([] {
                    Progress progress("search", "queries", 10, 10);
                    pass(4);
                    progress.add(5);
                    pass(4);
                    progress.add(5);
                }),
                EndsWith("\rsearch: 10 queries in 8.0 s, 1.2 queries/s\033[K\n"));
}

TEST_F(ProgressTest, LeavesTheBarWhereItStoodWhenWorkEndsEarly) {
    set_progress(ProgressStyle::bar, true);
    EXPECT_THAT(said_by([] {
                    Progress progress("search", "queries", 10, 10);
                    pass(4);
                    progress.add(5);
                }),
                EndsWith("4 s left\033[K\n"));
}

TEST_F(ProgressTest, LogsALineEveryTenSeconds) {
    set_progress(ProgressStyle::log, true);
    EXPECT_EQ(said_by([] {
                  Progress progress("search", "queries", 50, 100);
                  for (int i = 0; i < 50; ++i) {
                      pass(0.5);
                      progress.add(1);
                  }
              }),
              "partita: search: 40 %, 40 of 100 queries, 4.0 queries/s, 15 s left\n"
              "partita: search: 80 %, 80 of 100 queries, 4.0 queries/s, 5 s left\n"
              "partita: search: 100 queries in 25 s, 4.0 queries/s\n");
}

TEST_F(ProgressTest, AutomaticLogsWhenThereIsNoTerminal) {
    EXPECT_THAT(said_by([] {
                    set_progress(ProgressStyle::automatic, true);
                    Progress progress("search", "queries", 100, 100);
                    pass(11);
                    progress.add(1);
                }),
                StartsWith("partita: search: 1 %"));
}

TEST_F(ProgressTest, IsSilentOnOtherRanksAndWhenTurnedOff) {
    auto const work = [] {
        Progress progress("search", "queries", 100, 100);
        pass(50);
        progress.add(50);
        pass(50);
        progress.add(50);
    };
    set_progress(ProgressStyle::bar, false);
    EXPECT_EQ(said_by(work), "");
    set_progress(ProgressStyle::none, true);
    EXPECT_EQ(said_by(work), "");
}

TEST_F(ProgressTest, AnEmptyShareCountsAsDone) {
    set_progress(ProgressStyle::bar, true);
    EXPECT_THAT(said_by([] {
                    Progress progress("search", "queries", 0, 100);
                    pass(3);
                    progress.add(0);
                }),
                HasSubstr("100 queries in 3.0 s"));
}

TEST_F(ProgressTest, ThreadsLoseNoCountAndDrawWholeLines) {
    set_progress(ProgressStyle::log, true);
    int const threads = 4, adds = 20'000;
    std::string const said = said_by([&] {
        Progress progress("search", "queries", threads * adds, threads * adds);
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t)
            workers.emplace_back([&] {
                for (int i = 0; i < adds; ++i) {
                    if (i % 1000 == 0) clock_seconds = clock_seconds + 1;
                    progress.add(1);
                }
            });
        for (auto& worker : workers) worker.join();
        pass(20);
        progress.add(0);
    });
    std::istringstream lines(said);
    std::string line;
    while (std::getline(lines, line)) EXPECT_THAT(line, StartsWith("partita: search: ")) << said;
    EXPECT_THAT(said, HasSubstr("search: 80,000 queries in "));
}

}  // namespace
}  // namespace partita::obs
