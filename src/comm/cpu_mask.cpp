#include "comm/cpu_mask.hpp"

#include "partita/core/row_range.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sched.h>
#include <string>
#include <tuple>

namespace partita {

namespace {

// More than any kernel is built for (NR_CPUS is at most 8192).
using CpuMask = std::array<cpu_set_t, 8192 / CPU_SETSIZE>;

int topology_number(int cpu, char const* name) {
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/" + name);
    int number = 0;
    file >> number;
    return number;
}

}  // namespace

std::vector<int> allowed_cpus(pid_t process) {
    CpuMask mask{};
    std::vector<int> cpus;
    if (sched_getaffinity(process, sizeof mask, mask.data()) != 0) return cpus;
    for (int cpu = 0; cpu < 8192; ++cpu)
        if (CPU_ISSET_S(cpu, sizeof mask, mask.data())) cpus.push_back(cpu);
    return cpus;
}

void run_on(std::vector<int> const& cpus) {
    CpuMask mask{};
    for (int const cpu : cpus) CPU_SET_S(cpu, sizeof mask, mask.data());
    sched_setaffinity(0, sizeof mask, mask.data());
}

std::vector<int> in_machine_order(std::vector<int> cpus) {
    std::vector<std::tuple<int, int, int>> places;
    for (int const cpu : cpus)
        places.emplace_back(topology_number(cpu, "physical_package_id"),
                            topology_number(cpu, "core_id"), cpu);
    std::sort(places.begin(), places.end());
    std::transform(places.begin(), places.end(), cpus.begin(),
                   [](auto const& place) { return std::get<2>(place); });
    return cpus;
}

std::vector<int> share_of_cpus(std::vector<int> const& cpus, int ranks, int rank) {
    auto const n = static_cast<std::int64_t>(cpus.size());
    if (n < ranks) return cpus;
    RowRange const share = share_of(n, ranks, rank);
    return {cpus.begin() + share.first, cpus.begin() + share.last};
}

}  // namespace partita
