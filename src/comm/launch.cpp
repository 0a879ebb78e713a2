#include "comm/launch.hpp"

#include "comm/cpu_mask.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/core/cpu.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

#include <omp.h>

namespace partita {

namespace {

bool is_set(char const* name) { return std::getenv(name) != nullptr; }

/// Any text gives a number: what is not one reads as 0, and is then as good as not set.
int number_from(char const* name) {
    char const* const text = std::getenv(name);
    return text ? std::atoi(text) : 0;
}

void set_unless_set(char const* name, char const* value) { setenv(name, value, 0); }

/// The tasks of the fullest node in Slurm's notation: "4(x2),3" is 4, 4 and 3.
int slurm_tasks_on_node() {
    char const* text = std::getenv("SLURM_STEP_TASKS_PER_NODE");
    int most = 0;
    while (text && *text) {
        most = std::max(most, std::atoi(text));
        text = std::char_traits<char>::find(text, std::char_traits<char>::length(text), ',');
        if (text) ++text;
    }
    return most;
}

int ranks_on_node() {
    int const given = number_from("OMPI_COMM_WORLD_LOCAL_SIZE");
    return std::max({1, given, given ? 0 : slurm_tasks_on_node()});
}

struct Process {
    std::string name;
    pid_t parent = 0;
};

Process process(pid_t id) {
    std::ifstream file("/proc/" + std::to_string(id) + "/status");
    Process result;
    for (std::string key; file >> key;) {
        if (key == "Name:") file >> result.name;
        if (key == "PPid:") {
            file >> result.parent;
            break;
        }
    }
    return result;
}

/// The process that started this node's ranks, maybe through a shell; 0 when there is none.
/// It is bound to what the job may use, not to one rank's part of it.
pid_t launcher() {
    static constexpr std::array names = {"mpirun", "mpiexec", "orterun", "orted", "slurmstepd"};
    pid_t id = getppid();
    for (int steps = 0; id > 1 && steps < 16; ++steps) {
        Process const candidate = process(id);
        if (std::find(names.begin(), names.end(), candidate.name) != names.end()) return id;
        id = candidate.parent;
    }
    return 0;
}

/// The processors that all ranks of this node have together.
std::vector<int> cpus_of_node() {
    pid_t const parent = launcher();
    std::vector<int> cpus = parent ? allowed_cpus(parent) : std::vector<int>{};
    return cpus.empty() ? allowed_cpus(0) : cpus;
}

/// Whether mpirun bound this rank on its own account: to one core with up to two ranks, else to a
/// socket. A policy, a width (PE=n) or a list that the user gave is in the environment.
bool bound_by_default() {
    if (!is_set("OMPI_MCA_orte_bound_at_launch")) return false;
    for (char const* const name :
         {"OMPI_MCA_hwloc_base_binding_policy", "OMPI_MCA_hwloc_base_cpu_list",
          "OMPI_MCA_hwloc_base_cpu_set", "OMPI_MCA_rmaps_base_cpus_per_rank",
          "OMPI_MCA_orte_rankfile", "OMPI_MCA_rmaps_rank_file_path"})
        if (is_set(name)) return false;
    char const* const mapping = std::getenv("OMPI_MCA_rmaps_base_mapping_policy");
    return !mapping || std::string(mapping).find("PE=") == std::string::npos;
}

bool user_keeps_binding() {
    char const* const wish = std::getenv("PARTITA_BIND");
    return wish && std::string(wish) == "keep";
}

/// Containers may forbid one process to read another's memory. Open MPI finds out at the first
/// large message, and complains on every rank.
bool processes_can_read_each_other() {
    char from = 1, to = 0;
    iovec const local{&to, 1}, remote{&from, 1};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

}  // namespace

bool launched() { return is_set("OMPI_COMM_WORLD_SIZE") || is_set("PMIX_RANK"); }

namespace {

/// Under mpirun only: other launchers tell no more than a part of this before MPI starts.
bool all_ranks_are_on_this_node() {
    int const world = number_from("OMPI_COMM_WORLD_SIZE");
    return world > 0 && number_from("OMPI_COMM_WORLD_LOCAL_SIZE") == world;
}

void set_open_mpi_defaults(int ranks, int cores) {
    if (ranks > cores) set_unless_set("OMPI_MCA_mpi_yield_when_idle", "1");
    if (!processes_can_read_each_other())
        set_unless_set("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    // Ranks of one node meet in shared memory. Whether there is a network with messages of its own
    // (pml cm, by an mtl) takes Open MPI as long to find out as all the rest of its start.
    if (all_ranks_are_on_this_node() && !is_set("OMPI_MCA_mtl"))
        set_unless_set("OMPI_MCA_pml", "ob1");
    // Debian's default leaves no component for one-sided communication between hosts.
    set_unless_set("OMPI_MCA_osc", "^ucx");
    // What ranks learn of each other at their start they read, by default, from memory that they
    // share with mpirun (or Slurm's daemon), under a lock in it. Whoever is killed while he holds
    // that leaves the other waiting for ever, after all ranks are gone. Messages need no lock.
    set_unless_set("PMIX_MCA_gds", "hash");
    // A lone rank needs no daemon beside it, nor a network, nor a folder to meet others in: all
    // lone ranks of a user would share one, and fail to start while another removes it at its end.
    if (!launched()) {
        set_unless_set("OMPI_MCA_ess_singleton_isolated", "1");
        set_unless_set("OMPI_MCA_orte_create_session_dirs", "0");
    }
}

}  // namespace

void prepare_launch() {
    std::vector<int> const node = cpus_of_node();
    int const ranks = ranks_on_node();
    set_open_mpi_defaults(ranks, static_cast<int>(node.size()));

    if (bound_by_default() && !user_keeps_binding())
        run_on(share_of_cpus(in_machine_order(node), ranks,
                             number_from("OMPI_COMM_WORLD_LOCAL_RANK")));

    // OpenMP counted processors when the program was loaded, and knows nothing of other ranks.
    bool const shared = allowed_cpus(0).size() == node.size();
    if (!is_set("OMP_NUM_THREADS"))
        omp_set_num_threads(std::max(1, available_cores() / (shared ? ranks : 1)));
}

}  // namespace partita
