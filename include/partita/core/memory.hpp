#pragma once

#include <cstdint>
#include <string>

namespace partita {

/// What this node (or the container around this process) can still give.
struct NodeMemory {
    std::int64_t total_bytes = 0;      ///< The least of physical memory and the limits on it.
    std::int64_t available_bytes = 0;  ///< What new allocations can take without swapping.
    /// "physical memory", "cgroup v2", "cgroup v1" or "Slurm's memory for the job".
    std::string limited_by;
};

/// Read /proc/meminfo, the limits of this process's cgroup and its ancestors (v2 and v1), and what
/// Slurm says that this job has of the node ($SLURM_MEM_PER_NODE, or _CPU).
NodeMemory node_memory();

/// The same, from the file tree below `root` instead of "/" (for tests).
NodeMemory node_memory(std::string const& root);

/// The largest resident set that this process has had so far, in bytes (VmHWM).
std::int64_t peak_resident_bytes();

/// Private (anonymous) resident bytes of this process now: what is not shared with other
/// processes through files or shared memory (RssAnon).
std::int64_t anonymous_resident_bytes();

}  // namespace partita
