#pragma once

#include "cluster/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::cluster {

/// What a job is to get.
struct JobRequest {
    Words job;  ///< A subcommand with its arguments, or a batch script with its.
    std::string name, partition, account, output;
    /// Where nothing is said, 1, or what the batch script says.
    std::optional<std::int64_t> nodes, ranks_per_node, threads;
    std::int64_t restarts = 2;
    std::int64_t seconds = 0;                ///< 0 = no limit of ours.
    std::optional<std::int64_t> node_bytes;  ///< Memory of a node.
};

/// One line of `partita status`.
struct JobLine {
    std::string id, name, state, elapsed, nodes, detail;
};

/// Whether the job is a batch script, which brings its own launch.
bool is_script(JobRequest const& request);

// Slurm's jobs, by its own commands.

/// Whether sbatch is there.
bool has_slurm();
/// The sbatch command for a job.
Words sbatch_command(JobRequest const& request);
/// Its number. @throws Error with what sbatch said.
std::string submit_to_slurm(JobRequest const& request);
/// The user's jobs, those that ended a while ago as well if Slurm still knows them.
/// @throws Error with what squeue said.
std::vector<JobLine> slurm_jobs();
/// Its state as squeue calls it, such as RUNNING; a line each for the parts of an array; "" when
/// Slurm knows nothing of it.
std::string state_in_slurm(std::string const& id);
/// @throws Error when there is no such job, or it has ended, or with what scancel said.
void cancel_in_slurm(std::string const& id);

// Jobs of this machine, under mpirun in the background: "local-1" ...

/// What is run for a job.
Words local_command(JobRequest const& request);
/// Starts it; its name. @throws Error.
std::string submit_locally(JobRequest const& request);
std::vector<JobLine> local_jobs();
bool is_local(std::string const& id);
/// @throws Error when there is no such job, or it has ended.
void cancel_locally(std::string const& id);

}  // namespace partita::cluster
