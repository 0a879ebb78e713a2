#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace partita {

/// The processors that a process (0 = this one) may run on, ascending; empty when unknown.
std::vector<int> allowed_cpus(pid_t process);

/// Let this process, and the threads that it starts from now on, run on these processors only.
/// Without effect when the system refuses.
void run_on(std::vector<int> const& cpus);

/// `cpus` with neighbours in the machine next to each other: by package, core, hardware thread.
std::vector<int> in_machine_order(std::vector<int> cpus);

/// The processors of one of `ranks` ranks that share `cpus`: a contiguous run, or all of them
/// when there are fewer processors than ranks.
std::vector<int> share_of_cpus(std::vector<int> const& cpus, int ranks, int rank);

}  // namespace partita
