#include "obs/status_line.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace partita::obs::detail {
namespace {

constexpr int default_columns = 80;

std::mutex mutex;
bool drawn = false;  // whether the status line is on the screen

/// Call `ask(descriptor)` with standard error, or mpirun's when that is where ours goes.
template <class Ask>
auto with_terminal(Ask ask) {
    bool const launched_by_mpirun = std::getenv("OMPI_COMM_WORLD_RANK") != nullptr;
    if (::isatty(STDERR_FILENO) || !launched_by_mpirun) return ask(STDERR_FILENO);
    std::string const path = fmt::format("/proc/{}/fd/{}", ::getppid(), STDERR_FILENO);
    int const descriptor = ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    auto const answer = ask(descriptor);
    if (descriptor >= 0) ::close(descriptor);
    return answer;
}

void write_stderr(std::string const& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

bool stderr_is_terminal() {
    char const* const kind = std::getenv("TERM");
    if (kind && std::strcmp(kind, "dumb") == 0) return false;
    return with_terminal([](int descriptor) { return ::isatty(descriptor) == 1; });
}

int terminal_width() {
    int const columns = with_terminal([](int descriptor) {
        winsize size{};
        return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? static_cast<int>(size.ws_col) : 0;
    });
    if (columns > 0) return columns;
    char const* const told = std::getenv("COLUMNS");
    int const number = told ? std::atoi(told) : 0;
    return number > 0 ? number : default_columns;
}

void draw_status_line(std::string const& text) {
    std::lock_guard const lock(mutex);
    write_stderr("\r" + text + "\033[K");  // K: erase what a longer line left
    drawn = true;
}

void clear_status_line() {
    std::lock_guard const lock(mutex);
    if (drawn) write_stderr("\r\033[K");
    drawn = false;
}

void end_status_line() {
    std::lock_guard const lock(mutex);
    if (drawn) write_stderr("\n");
    drawn = false;
}

}  // namespace partita::obs::detail
