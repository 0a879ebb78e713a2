#include "cluster/process.hpp"

#include "partita/comm/stop.hpp"
#include "partita/core/error.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <semaphore.h>
#include <spawn.h>
#include <sstream>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace partita::cluster {

namespace {

std::vector<std::string>& kept_environment() {
    static std::vector<std::string> environment;
    return environment;
}

std::vector<char*> pointers(std::vector<std::string> const& texts) {
    std::vector<char*> all;
    for (std::string const& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

/// What a new process changes of its files and signals.
class SpawnPlan {
  public:
    SpawnPlan() {
        posix_spawn_file_actions_init(&files_);
        posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        add_flags(POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnPlan(SpawnPlan const&) = delete;
    SpawnPlan& operator=(SpawnPlan const&) = delete;

    void connect(int from, int to) { posix_spawn_file_actions_adddup2(&files_, from, to); }
    void open(int file, std::string const& path, int flags) {
        posix_spawn_file_actions_addopen(&files_, file, path.c_str(), flags, 0666);
    }
    void set_signal_mask(sigset_t const& mask) {
        posix_spawnattr_setsigmask(&attributes_, &mask);
        add_flags(POSIX_SPAWN_SETSIGMASK);
    }
    void add_flags(short flags) {
        flags_ = static_cast<short>(flags_ | flags);
        posix_spawnattr_setflags(&attributes_, flags_);
    }

    /// The process's id, or 0 with errno set.
    pid_t start(Words const& command) const {
        pid_t id = 0;
        int const failure =
            posix_spawnp(&id, command.front().c_str(), &files_, &attributes_,
                         pointers(command).data(), pointers(kept_environment()).data());
        errno = failure;
        return failure == 0 ? id : 0;
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
    short flags_ = 0;
};

int status_of(pid_t id) {
    int status = 0;
    while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// A pipe whose ends other processes do not inherit.
struct Pipe {
    Pipe() { check(pipe2(ends, O_CLOEXEC) == 0, "cannot make a pipe: {}", errno_text(errno)); }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    void close_end(int end) {
        if (ends[end] >= 0) ::close(ends[end]);
        ends[end] = -1;
    }
    int ends[2] = {-1, -1};
};

/// Everything from both pipes, as it comes.
void read_both(Pipe& first, std::string& first_text, Pipe& second, std::string& second_text) {
    pollfd open[2] = {{first.ends[0], POLLIN, 0}, {second.ends[0], POLLIN, 0}};
    std::string* const texts[2] = {&first_text, &second_text};
    while (open[0].fd >= 0 || open[1].fd >= 0) {
        if (poll(open, 2, -1) < 0) continue;
        for (int i = 0; i < 2; ++i) {
            if (open[i].fd < 0 || open[i].revents == 0) continue;
            char part[4096];
            ssize_t const got = ::read(open[i].fd, part, sizeof part);
            if (got > 0)
                texts[i]->append(part, static_cast<std::size_t>(got));
            else if (got == 0 || errno != EINTR)
                open[i].fd = -1;
        }
    }
}

std::atomic<pid_t> running{0};
std::atomic<bool> stop{false};
struct sigaction previous[2];
constexpr int stop_signals[2] = {SIGUSR1, SIGTERM};

/// Posted by every SIGTERM, on whichever thread it arrives: MPI has threads of its own.
sem_t terminations;

extern "C" void pass_on(int signal) {
    int const saved = errno;
    stop = true;
    if (signal == SIGTERM) sem_post(&terminations);
    if (pid_t const id = running; id > 0) ::kill(id, SIGUSR1);
    errno = saved;
}

}  // namespace

void keep_environment() {
    kept_environment().clear();
    for (char** variable = environ; *variable; ++variable)
        kept_environment().emplace_back(*variable);
    if (!std::getenv("PMIX_MCA_gds")) kept_environment().emplace_back("PMIX_MCA_gds=hash");
}

Outcome output_of(Words const& command) {
    Outcome outcome;
    Pipe out, err;
    SpawnPlan plan;
    plan.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    plan.connect(out.ends[1], STDOUT_FILENO);
    plan.connect(err.ends[1], STDERR_FILENO);
    pid_t const id = plan.start(command);
    if (id == 0) return {no_program_status, "", command.front() + ": " + errno_text(errno)};
    out.close_end(1);
    err.close_end(1);
    read_both(out, outcome.out, err, outcome.err);
    outcome.status = status_of(id);
    return outcome;
}

bool has_program(std::string const& name) {
    char const* const path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
    return false;
}

std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

Foreground::Foreground() {
    stop = false;
    sem_init(&terminations, 0, 0);
    struct sigaction action {};
    action.sa_handler = pass_on;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 2; ++i) sigaction(stop_signals[i], &action, &previous[i]);
}

Foreground::~Foreground() {
    for (int i = 0; i < 2; ++i) sigaction(stop_signals[i], &previous[i], nullptr);
}

bool Foreground::stop_requested() { return stop; }

ExpectedEnd::ExpectedEnd() {
    while (sem_trywait(&terminations) == 0) {
    }
}

void ExpectedEnd::wait(int seconds) const {
    timespec until{};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    while (sem_timedwait(&terminations, &until) != 0 && errno == EINTR) {
    }
}

int Foreground::run(Words const& command) const {
    // A signal that comes before the program's id is known waits until then.
    sigset_t both, before;
    sigemptyset(&both);
    for (int const signal : stop_signals) sigaddset(&both, signal);
    sigprocmask(SIG_BLOCK, &both, &before);
    SpawnPlan plan;
    plan.set_signal_mask(before);
    bool const too_late = stop;
    pid_t const id = too_late ? 0 : plan.start(command);
    int const failure = errno;
    running = id;
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (too_late) return requeue_status;
    check(id != 0, "{}: {}", command.front(), errno_text(failure));
    int const status = status_of(id);
    running = 0;
    return status;
}

pid_t start_in_background(Words const& command, std::string const& output_file) {
    SpawnPlan plan;
    plan.add_flags(POSIX_SPAWN_SETSID);
    plan.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    plan.open(STDOUT_FILENO, output_file, O_WRONLY | O_CREAT | O_APPEND);
    plan.connect(STDOUT_FILENO, STDERR_FILENO);
    pid_t const id = plan.start(command);
    check(id != 0, "{}: {}", command.front(), errno_text(errno));
    return id;
}

std::string shell_text(Words const& command) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    std::string text;
    for (std::string const& word : command) {
        if (!text.empty()) text += ' ';
        if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
            text += word;
            continue;
        }
        text += '\'';
        for (char const c : word) c == '\'' ? text += "'\\''" : text += c;
        text += '\'';
    }
    return text;
}

}  // namespace partita::cluster
