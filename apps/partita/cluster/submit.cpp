#include "cli/command_line.hpp"
#include "cli/option_kinds.hpp"
#include "cli/root_text.hpp"
#include "cluster/jobs.hpp"
#include "commands.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <filesystem>

namespace partita {

namespace cluster {

bool is_script(JobRequest const& request) {
    std::string const& first = request.job.front();
    return first.ends_with(".sbatch") || first.ends_with(".sh");
}

}  // namespace cluster

namespace {

using namespace cluster;

void check_alone(cli::Session const& session, std::string const& command) {
    check_everywhere(session.world().size() == 1,
                     "{}: expected to be started without mpirun, got {} ranks", command,
                     session.world().size());
}

struct SubmitOptions {
    JobRequest request;
    bool local = false, dry_run = false;
};

/// A subcommand that there is, or a script.
void check_job(JobRequest const& request, std::vector<std::string> const& known) {
    std::string const& first = request.job.front();
    if (is_script(request)) {
        check(std::filesystem::exists(first), "{}: no such batch script", first);
        return;
    }
    check(std::find(known.begin(), known.end(), first) != known.end(), "unknown subcommand '{}'{}",
          first, did_you_mean(first, known));
    for (char const* const about_jobs : {"submit", "status", "cancel", "retry", "plan"})
        check(first != about_jobs, "expected a job to run, got '{}'", first);
}

/// "partita-knn-graph" for a job of 'knn graph'.
std::string name_of(cli::CommandLine const& line, Words const& job) {
    std::string const said = fmt::format("{} ", fmt::join(job, " "));
    std::string longest;
    for (auto const& command : line.commands())
        if (said.starts_with(command->path + " ") && command->path.size() > longest.size())
            longest = command->path;
    std::ranges::replace(longest, ' ', '-');
    return "partita-" + longest;
}

/// Slurm takes a bare number for minutes, others for seconds.
std::string check_unit(std::string const& text) {
    bool const bare = text.find_first_not_of("0123456789") == std::string::npos;
    return bare && text != "0" ? fmt::format("expected a unit, such as {0}m or {0}s, got {0}", text)
                               : "";
}

void run_submit(cli::CommandLine const& line, cli::Session& session, SubmitOptions options) {
    check_alone(session, "submit");
    JobRequest& request = options.request;
    // What it would say when its turn has come, maybe tomorrow, it says now.
    if (!is_script(request)) line.check_usage(session.world(), request.job);
    if (request.name.empty() && !is_script(request)) request.name = name_of(line, request.job);
    bool const local = options.local || !has_slurm();
    if (options.dry_run)
        return session.print("{}\n",
                             shell_text(local ? local_command(request) : sbatch_command(request)));
    std::string const id = cli::root_text(session.world(), [&] {
        if (local) return submit_locally(request);
        try {
            return submit_to_slurm(request);
        } catch (Error const& error) {
            fail("{}; --local runs it under mpirun on this machine", error.what());
        }
    });
    if (local && !options.local)
        session.field("note", "no Slurm here: it runs under mpirun on this machine");
    if (local && (request.node_bytes || !request.partition.empty() || !request.account.empty()))
        session.field("note", "--node-memory, --partition and --account are Slurm's: not used");
    session.field("job", "{}", id);
    session.field("then", "partita status; partita cancel {}", id);
}

void run_status(cli::Session& session, std::string const& id) {
    check_alone(session, "status");
    std::string const text = cli::root_text(session.world(), [&] {
        std::vector<JobLine> jobs = local_jobs();
        if (has_slurm() && !is_local(id)) {
            try {
                auto const more = slurm_jobs();
                jobs.insert(jobs.end(), more.begin(), more.end());
            } catch (Error const&) {
                // Slurm's programs may be there without a cluster: then local jobs are all.
                if (!id.empty() || jobs.empty()) throw;
            }
        }
        std::string lines = fmt::format("{:<10} {:<20} {:<11} {:>10} {:>5}  {}\n", "JOB", "NAME",
                                        "STATE", "TIME", "NODES", "DETAIL");
        bool found = id.empty();
        for (JobLine const& job : jobs) {
            if (!id.empty() && job.id != id) continue;
            found = true;
            lines += fmt::format("{:<10} {:<20} {:<11} {:>10} {:>5}  {}\n", job.id, job.name,
                                 job.state, job.elapsed, job.nodes, job.detail);
        }
        check(found, "{}: no such job", id);
        return lines;
    });
    session.print("{}", text);
}

void run_cancel(cli::Session& session, std::vector<std::string> const& ids) {
    check_alone(session, "cancel");
    for (std::string const& id : ids) {
        cli::root_text(session.world(), [&] {
            is_local(id) ? cancel_locally(id) : cancel_in_slurm(id);
            return std::string();
        });
        session.field("cancelled", "{}", id);
    }
}

}  // namespace

void add_submit(cli::CommandLine& line) {
    auto const options = std::make_shared<SubmitOptions>();
    cli::Command& command =
        line.add("submit", "Run a subcommand as a Slurm job, or in the background without Slurm");
    command.takes_command = true;
    cli::OptionSet& app = command.app;
    JobRequest& request = options->request;
    app.add_option("JOB", request.job, "A subcommand with its arguments, or a batch script")
        .required()
        .takes_many();
    app.add_option("--nodes", request.nodes, "Nodes (1, or as the script says)")
        .check(cli::at_least(1));
    app.add_option("--ranks-per-node", request.ranks_per_node,
                   "Ranks of each node (1, or as the script says)")
        .check(cli::at_least(1));
    cli::add_duration(app, "--time", request.seconds, "Time limit, such as 2h; 0s = the queue's")
        .check(check_unit);
    cli::add_size(app, "--node-memory", request.node_bytes, "Memory of each node");
    app.add_option("--partition", request.partition, "Slurm's partition");
    app.add_option("--account", request.account, "Slurm's account");
    app.add_option("--name", request.name, "The job's name");
    app.add_option("--output", request.output, "File for what the job prints").type_name("FILE");
    app.add_option("--times", request.restarts, "Restarts after a failure, at most")
        .check(cli::at_least(0));
    app.add_flag("--local", options->local, "Under mpirun on this machine, even where Slurm is");
    app.add_flag("--dry-run", options->dry_run, "Show what would be run, and stop");
    command.examples = {
        "partita submit --nodes 6 --threads 8 --time 2h -- knn graph big.h5 --out nn.h5 --resume",
        "partita submit --nodes 4 slurm/predict.sbatch",
        "partita submit --local --ranks-per-node 2 -- wordcount novels --out words.csv"};
    cli::Command const* const self = &command;
    command.check = [options, self, &line] {
        std::vector<std::string> known;
        for (auto const& other : line.commands())
            known.push_back(other->path.substr(0, other->path.find(' ')));
        check_job(options->request, known);
        if (self->common.threads > 0) options->request.threads = self->common.threads;
    };
    command.run = [options, &line](cli::Session& session) { run_submit(line, session, *options); };
}

void add_status(cli::CommandLine& line) {
    auto const id = std::make_shared<std::string>();
    cli::Command& command = line.add("status", "Show submitted jobs");
    command.app.add_option("JOB", *id, "Only this one");
    command.examples = {"partita status", "partita status local-1"};
    command.run = [id](cli::Session& session) { run_status(session, *id); };
}

void add_cancel(cli::CommandLine& line) {
    auto const ids = std::make_shared<std::vector<std::string>>();
    cli::Command& command = line.add("cancel", "End submitted jobs");
    command.app.add_option("JOB", *ids, "What partita status calls them").required().takes_many();
    command.examples = {"partita cancel 1234", "partita cancel local-1 local-2"};
    command.run = [ids](cli::Session& session) { run_cancel(session, *ids); };
}

}  // namespace partita
