#include "cluster/jobs.hpp"

#include "partita/core/atomic_file.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/core/scratch.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace partita::cluster {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view prefix = "local-";
constexpr std::int64_t grace_seconds = 120;  ///< Between the warning and the end.

/// $PARTITA_JOBS, or where the user's programs keep what they remember.
fs::path jobs_folder() {
    if (char const* const given = std::getenv("PARTITA_JOBS")) return given;
    if (char const* const state = std::getenv("XDG_STATE_HOME"))
        return fs::path(state) / "partita" / "jobs";
    char const* const home = std::getenv("HOME");
    check(home != nullptr, "expected $HOME or $PARTITA_JOBS for the record of jobs, got neither");
    return fs::path(home) / ".local" / "state" / "partita" / "jobs";
}

/// A file of a job's folder without its line end; "" when it is not there.
std::string recorded(fs::path const& folder, char const* name) {
    std::string const path = folder / name;
    if (!file_exists(path)) return "";
    std::string text = read_text_file(path);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::int64_t ranks_of(JobRequest const& request) {
    return request.nodes.value_or(1) * request.ranks_per_node.value_or(1);
}

/// A file that cannot be written is found out before anything is recorded.
void check_writable(std::string const& path) {
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    check(file >= 0, "{}: {}", path, errno_text(errno));
    ::close(file);
}

/// A new job's folder: whoever makes it first has the number.
fs::path make_folder() {
    fs::path const all = jobs_folder();
    std::error_code failed;
    fs::create_directories(all, failed);
    for (int number = 1; !failed; ++number) {
        fs::path const folder = all / fmt::format("{}{}", prefix, number);
        if (fs::create_directory(folder, failed)) return folder;
    }
    fail("{}: cannot keep a record of jobs there: {}; $PARTITA_JOBS names another folder",
         all.string(), failed.message());
}

bool is_running(fs::path const& folder) {
    std::string const tag = recorded(folder, "process");
    return recorded(folder, "status").empty() && !tag.empty() && process_tag_alive(tag);
}

std::string state_of(fs::path const& folder) {
    if (is_running(folder)) return "RUNNING";
    std::string const status = recorded(folder, "status");
    if (!recorded(folder, "cancelled").empty()) return "CANCELLED";
    if (status == "0") return "COMPLETED";
    if (status == "75") return "STOPPED";
    return status.empty() ? "KILLED" : "FAILED";
}

/// From its start to its end, or to now.
std::string elapsed_of(fs::path const& folder) {
    std::error_code failed;
    auto const start = fs::last_write_time(folder / "command", failed);
    if (failed) return "";
    auto end = fs::last_write_time(folder / "status", failed);
    if (failed) end = is_running(folder) ? fs::file_time_type::clock::now() : start;
    return format_seconds(std::chrono::duration<double>(end - start).count());
}

/// The number in a process's tag, "host-12-345".
long process_of(std::string_view tag) {
    tag = tag.substr(0, tag.rfind('-'));
    tag = tag.substr(tag.rfind('-') + 1);
    long process = 0;
    std::from_chars(tag.data(), tag.data() + tag.size(), process);
    return process;
}

/// End all processes of a session but its first, which has yet to record how they ended.
void end_session(long session) {
    std::error_code none;
    for (fs::directory_iterator entry("/proc", none), end; entry != end; entry.increment(none)) {
        int const process = std::atoi(entry->path().filename().c_str());
        if (process > 0 && process != session && ::getsid(process) == session)
            ::kill(process, SIGTERM);
    }
}

}  // namespace

Words local_command(JobRequest const& request) {
    Words command;
    if (request.seconds > 0)
        command = {"timeout", "--preserve-status", "--signal=USR1",
                   fmt::format("--kill-after={}", grace_seconds), std::to_string(request.seconds)};
    command.insert(command.end(),
                   {"env", fmt::format("OMP_NUM_THREADS={}", request.threads.value_or(1)),
                    this_program(), "retry", "--times", std::to_string(request.restarts), "--",
                    "mpirun", "--oversubscribe", "--bind-to", "none"});
    if (::geteuid() == 0) command.push_back("--allow-run-as-root");
    command.insert(command.end(), {"-n", std::to_string(ranks_of(request)), this_program()});
    command.insert(command.end(), request.job.begin(), request.job.end());
    return command;
}

std::string submit_locally(JobRequest const& request) {
    check(!is_script(request), "{}: a batch script needs Slurm, which is not here",
          request.job.front());
    if (!request.output.empty()) check_writable(request.output);
    fs::path const folder = make_folder();
    std::string const id = folder.filename();
    std::string const output = request.output.empty() ? "partita-" + id + ".out" : request.output;
    std::string const job = shell_text(request.job);
    write_text_file(folder / "command", job + "\n");
    write_text_file(folder / "name", request.name + "\n");
    write_text_file(folder / "ranks", std::to_string(ranks_of(request)));
    write_text_file(folder / "output", fs::absolute(output).string() + "\n");
    // The shell outlives the job, and records how that ended.
    Words shell{"/bin/sh", "-c", "folder=$1; shift; \"$@\"; echo $? > \"$folder/status\"",
                "partita", folder.string()};
    Words const command = local_command(request);
    shell.insert(shell.end(), command.begin(), command.end());
    pid_t const process = start_in_background(shell, output);
    write_text_file(folder / "process", process_tag(process) + "\n");
    return id;
}

std::vector<JobLine> local_jobs() {
    std::vector<JobLine> jobs;
    std::error_code none;
    for (fs::directory_iterator entry(jobs_folder(), none), end; entry != end;
         entry.increment(none)) {
        fs::path const folder = entry->path();
        if (!is_local(folder.filename())) continue;
        std::string detail = recorded(folder, "output");
        std::string const status = recorded(folder, "status");
        if (!status.empty() && status != "0")
            detail = fmt::format("exit status {}: {}", status, detail);
        jobs.push_back({folder.filename(), recorded(folder, "name"), state_of(folder),
                        elapsed_of(folder), "1", detail});
    }
    auto const number = [](JobLine const& job) {
        int value = 0;
        std::from_chars(job.id.data() + prefix.size(), job.id.data() + job.id.size(), value);
        return value;
    };
    std::sort(jobs.begin(), jobs.end(),
              [&](JobLine const& a, JobLine const& b) { return number(a) < number(b); });
    return jobs;
}

bool is_local(std::string const& id) { return id.starts_with(prefix); }

void cancel_locally(std::string const& id) {
    fs::path const folder = jobs_folder() / id;
    check(!id.ends_with('/') && fs::is_directory(folder), "{}: no such job", id);
    check(is_running(folder), "{}: it has ended", id);
    write_text_file(folder / "cancelled", "yes\n");
    std::string const tag = recorded(folder, "process");
    end_session(process_of(tag));
}

}  // namespace partita::cluster
