#include "cli/command_line.hpp"
#include "cli/option_kinds.hpp"
#include "cluster/hosts.hpp"
#include "cluster/jobs.hpp"
#include "cluster/process.hpp"
#include "commands.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/error.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace partita {
namespace {

using namespace cluster;

struct RetryOptions {
    Words command;
    std::int64_t times = 3;
    bool requeue = false;
};

/// How long Slurm may take to end a job that goes back into the queue.
constexpr int patience_seconds = 30;

/// "exit status 137 (Killed)".
std::string describe(int status) {
    std::string text = fmt::format("exit status {}", status);
    if (status > 128 && status < 128 + NSIG) text += fmt::format(" ({})", strsignal(status - 128));
    if (status == requeue_status) text += " (stopped, to go on later)";
    if (status == 205) text += " (mpirun lost a host)";
    return text;
}

/// A partita job has said what is wrong, or a shell found no program: the same again would fail
/// again.
bool would_fail_again(int status) { return status == 1 || status == 126 || status == 127; }

/// Put this Slurm job back into the queue.
bool requeue(cli::Session const& session) {
    char const* const job = std::getenv("SLURM_JOB_ID");
    if (!job) {
        session.field("retry", "no Slurm job here to put into the queue again");
        return false;
    }
    // Whoever cancels a job wants it to end; one that is preempted Slurm puts back by itself.
    if (std::string const state = state_in_slurm(job);
        state.starts_with("COMPLETING") || state.starts_with("CANCELLED")) {
        session.field("retry", "job {} is being ended by Slurm: not put back into the queue", job);
        return false;
    }
    ExpectedEnd const end;  // Slurm may be faster than scontrol's return
    Outcome const outcome = output_of({"scontrol", "requeue", job});
    if (outcome.status != 0) {
        session.field("retry", "scontrol requeue {} failed: {}", job, outcome.err);
        return false;
    }
    session.field("retry", "job {} goes back into the queue", job);
    // Slurm ends it now; who ends by himself may be taken for a job that failed.
    end.wait(patience_seconds);
    return true;
}

/// What has recorded its progress comes to an end. What failed or was killed before it could might
/// be put into the queue for ever: it gets as many tries there as here.
bool may_requeue(int status, std::int64_t times) {
    char const* const before = std::getenv("SLURM_RESTART_COUNT");
    return status == requeue_status || (before ? std::atoi(before) : 0) < times;
}

/// Whether hosts that the command names are gone; they leave it.
bool leave_out_lost_hosts(cli::Session const& session, Words& command) {
    MpirunHosts const hosts(command);
    std::vector<std::string> const lost = hosts.lost();
    // Where no host answers, something may be wrong with the question.
    if (lost.empty() || lost.size() == hosts.hosts().size()) return false;
    command = hosts.without(lost);
    std::string const ranks = MpirunHosts(command).ranks();
    session.field("retry", "no answer from {}: going on without{}", fmt::join(lost, ", "),
                  ranks.empty() ? "" : ", in " + ranks + (ranks == "1" ? " rank" : " ranks"));
    return true;
}

/// The command's last exit status.
int run_until_done(cli::Session const& session, RetryOptions const& options) {
    Foreground const foreground;
    Words command = options.command;
    for (std::int64_t again = 0;; ++again) {
        int const status = foreground.run(command);
        if (status == 0) return 0;
        bool const to_stop = status == requeue_status || foreground.stop_requested();
        // mpirun ends with 1, too, where it cannot start on a host.
        bool const changed =
            !to_stop && again < options.times && leave_out_lost_hosts(session, command);
        bool const stopped = to_stop || foreground.stop_requested();
        bool const hopeless = would_fail_again(status) && !stopped && !changed;
        if (!stopped && !hopeless && again < options.times) {
            session.field("retry", "{}: restart {} of {}", describe(status), again + 1,
                          options.times);
            continue;
        }
        session.field("retry", "ended with {} after {} of {} restarts", describe(status), again,
                      options.times);
        bool const back = options.requeue && !hopeless && may_requeue(status, options.times);
        return back && requeue(session) ? requeue_status : status;
    }
}

void run_retry(cli::Session& session, RetryOptions const& options) {
    check_everywhere(session.world().size() == 1,
                     "retry: expected to be started once, before mpirun: partita retry -- mpirun "
                     "-n {} ...",
                     session.world().size());
    session.end_with(
        collectively(session.world(), "retry", [&] { return run_until_done(session, options); }));
}

}  // namespace

void add_retry(cli::CommandLine& line) {
    auto const options = std::make_shared<RetryOptions>();
    cli::Command& command = line.add("retry", "Run a job, and again when it fails");
    command.takes_command = true;
    command.app.add_option("COMMAND", options->command, "What to run, after --")
        .required()
        .takes_many();
    command.app.add_option("--times", options->times, "Restarts at most").check(cli::at_least(0));
    command.app.add_flag(
        "--requeue", options->requeue,
        "In a Slurm job that is asked to stop, or fails once too often: put it back into "
        "the queue");
    command.examples = {
        "partita retry -- mpirun -n 8 partita knn graph big.npy --out nn.h5 --resume",
        "partita retry --times 10 -- mpirun -n 8 partita predict m.model big.csv --out s.csv "
        "--resume"};
    command.run = [options](cli::Session& session) { run_retry(session, *options); };
}

}  // namespace partita
