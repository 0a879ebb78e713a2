#include "cluster/jobs.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <unistd.h>

namespace partita::cluster {

namespace {

/// How long before the time limit a job is told.
constexpr std::int64_t warning_seconds = 180;

/// The output of a program that must have ended well.
std::string checked(Outcome const& outcome, std::string const& program) {
    std::string said = outcome.err.empty() ? outcome.out : outcome.err;
    said.resize(std::min(said.find('\n'), said.size()));
    check(outcome.status == 0, "{}: exit status {}: {}", program, outcome.status, said);
    return outcome.out;
}

std::string ask(Words const& command) { return checked(output_of(command), command.front()); }

Outcome ask_state(std::string const& id) {
    return output_of({"squeue", "--noheader", "--states=all", "--jobs=" + id, "--format=%T"});
}

/// "1-02:30:00" for sbatch --time.
std::string slurm_time(std::int64_t seconds) {
    return fmt::format("{}-{:02}:{:02}:{:02}", seconds / 86400, seconds / 3600 % 24,
                       seconds / 60 % 60, seconds % 60);
}

std::vector<std::string> split(std::string const& line, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(line);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

/// Rows of six fields, as squeue and sacct were asked for them.
void add_lines(std::string const& text, std::vector<JobLine>& jobs) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        auto f = split(line, '|');
        if (f.size() < 5) continue;
        f.resize(6);
        bool const known = std::any_of(jobs.begin(), jobs.end(),
                                       [&](JobLine const& job) { return job.id == f[0]; });
        if (!known) jobs.push_back({f[0], f[1], f[2], f[3], f[4], f[5]});
    }
}

bool has_ended(std::string const& state) {
    constexpr std::array ended{"BOOT_FAIL", "CANCELLED", "COMPLETED",     "DEADLINE",
                               "FAILED",    "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"};
    return std::find(ended.begin(), ended.end(), state) != ended.end();
}

std::string user_number() { return std::to_string(::geteuid()); }

}  // namespace

bool has_slurm() { return has_program("sbatch"); }

Words sbatch_command(JobRequest const& request) {
    bool const script = is_script(request);  // which says itself what is not said here
    Words command{"sbatch", "--parsable"};
    auto const add = [&](char const* option, std::optional<std::int64_t> given) {
        if (given || !script) command.push_back(fmt::format("{}={}", option, given.value_or(1)));
    };
    if (!request.name.empty()) command.push_back("--job-name=" + request.name);
    add("--nodes", request.nodes);
    add("--ntasks-per-node", request.ranks_per_node);
    add("--cpus-per-task", request.threads);
    if (request.seconds > 0) command.push_back("--time=" + slurm_time(request.seconds));
    if (request.node_bytes) command.push_back(fmt::format("--mem={}M", *request.node_bytes >> 20));
    if (!request.partition.empty()) command.push_back("--partition=" + request.partition);
    if (!request.account.empty()) command.push_back("--account=" + request.account);
    if (!request.output.empty()) command.push_back("--output=" + request.output);
    if (script) {
        command.insert(command.end(), request.job.begin(), request.job.end());
        return command;
    }
    command.insert(command.end(), {"--requeue", "--open-mode=append",
                                   fmt::format("--signal=B:USR1@{}", warning_seconds)});
    Words run{this_program(),
              "retry",
              "--times",
              std::to_string(request.restarts),
              "--requeue",
              "--",
              "srun",
              "--mpi=pmix",
              fmt::format("--cpus-per-task={}", request.threads.value_or(1)),
              this_program()};
    run.insert(run.end(), request.job.begin(), request.job.end());
    command.push_back(fmt::format("--wrap=export OMP_NUM_THREADS={}; exec {}",
                                  request.threads.value_or(1), shell_text(run)));
    return command;
}

std::string submit_to_slurm(JobRequest const& request) {
    std::string id = ask(sbatch_command(request));
    id.resize(std::min(id.find_first_of(";\n"), id.size()));  // "12;cluster"
    return id;
}

std::vector<JobLine> slurm_jobs() {
    std::vector<JobLine> jobs;
    add_lines(ask({"squeue", "--noheader", "--states=all", "--sort=i", "--user=" + user_number(),
                   "--format=%i|%j|%T|%M|%D|%R"}),
              jobs);
    // Where there is accounting it remembers longer; where there is none that is no failure.
    Outcome const accounts = output_of({"sacct", "--noheader", "--parsable2", "--allocations",
                                        "--user=" + user_number(), "--starttime=now-1days",
                                        "--format=JobID,JobName,State,Elapsed,NNodes,ExitCode"});
    if (accounts.status == 0) add_lines(accounts.out, jobs);
    return jobs;
}

std::string state_in_slurm(std::string const& id) {
    Outcome const asked = ask_state(id);
    return asked.status == 0 ? asked.out : "";
}

void cancel_in_slurm(std::string const& id) {
    // Where there is no squeue there are no such jobs; where it fails it says why.
    Outcome const asked = ask_state(id);
    bool const unknown =
        asked.status == no_program_status || asked.err.find("Invalid job id") != std::string::npos;
    check(!unknown && (asked.status != 0 || !asked.out.empty()), "{}: no such job", id);
    auto const parts = split(checked(asked, "squeue"), '\n');
    check(!std::all_of(parts.begin(), parts.end(), has_ended), "{}: it has ended", id);
    ask({"scancel", id});
}

}  // namespace partita::cluster
