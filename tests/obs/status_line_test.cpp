#include "obs/status_line.hpp"

#include "support/scoped_env.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace partita::obs::detail {
namespace {

using test::ScopedEnv;

/// A terminal of 57 columns in the place of standard error.
class StderrOnTerminal {
  public:
    StderrOnTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY)), saved_(dup(STDERR_FILENO)) {
        grantpt(master_);
        unlockpt(master_);
        int const terminal = open(ptsname(master_), O_RDWR | O_NOCTTY);
        winsize size{};
        size.ws_col = 57;
        ioctl(terminal, TIOCSWINSZ, &size);
        dup2(terminal, STDERR_FILENO);
        close(terminal);
    }
    ~StderrOnTerminal() {
        dup2(saved_, STDERR_FILENO);
        close(saved_);
        close(master_);
    }

  private:
    int master_, saved_;
};

TEST(StatusLine, KnowsATerminalAndItsWidth) {
    ScopedEnv const kind("TERM", "xterm");
    StderrOnTerminal const terminal;
    EXPECT_TRUE(stderr_is_terminal());
    EXPECT_EQ(terminal_width(), 57);
}

TEST(StatusLine, ADumbTerminalCannotRedraw) {
    ScopedEnv const kind("TERM", "dumb");
    StderrOnTerminal const terminal;
    EXPECT_FALSE(stderr_is_terminal());
}

TEST(StatusLine, AFileIsNoTerminal) {
    ScopedEnv const rank("OMPI_COMM_WORLD_RANK", nullptr);
    ScopedEnv const columns("COLUMNS", "44");
    testing::internal::CaptureStderr();
    bool const terminal = stderr_is_terminal();
    int const told = terminal_width();
    ScopedEnv const untold("COLUMNS", nullptr);
    int const assumed = terminal_width();
    testing::internal::GetCapturedStderr();
    EXPECT_FALSE(terminal);
    EXPECT_EQ(told, 44);
    EXPECT_EQ(assumed, 80);
}

TEST(StatusLine, IsRedrawnWipedAndEnded) {
    testing::internal::CaptureStderr();
    clear_status_line();
    end_status_line();
    draw_status_line("a");
    draw_status_line("b");
    clear_status_line();
    clear_status_line();
    draw_status_line("c");
    end_status_line();
    end_status_line();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "\ra\033[K\rb\033[K\r\033[K\rc\033[K\n");
}

}  // namespace
}  // namespace partita::obs::detail
