#include "partita/core/cpu.hpp"

#include "core/cgroup.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <vector>

namespace partita {
namespace {

constexpr std::array all_levels{CpuLevel::scalar, CpuLevel::avx2, CpuLevel::avx512};

CpuLevel best_level() {
#if defined(__x86_64__)
    bool const avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool const avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl");
    return avx512 ? CpuLevel::avx512 : avx2 ? CpuLevel::avx2 : CpuLevel::scalar;
#else
    return CpuLevel::scalar;
#endif
}

CpuLevel parse_level(std::string const& text) {
    std::vector<std::string> names;
    for (auto const level : all_levels) names.push_back(to_string(level));
    auto const found = std::find(names.begin(), names.end(), text);
    check(found != names.end(), "PARTITA_CPU: expected {}, got '{}'{}", one_of(names), text,
          did_you_mean(text, names));
    return all_levels[static_cast<std::size_t>(found - names.begin())];
}

int cores_in_affinity_mask() {
    // The kernel refuses masks that are smaller than its own; it says not how large that is.
    for (std::size_t cpus = CPU_SETSIZE; cpus <= (std::size_t{1} << 20); cpus *= 2) {
        std::vector<cpu_set_t> mask(cpus / CPU_SETSIZE);
        std::size_t const bytes = mask.size() * sizeof(cpu_set_t);
        if (::sched_getaffinity(0, bytes, mask.data()) == 0) return CPU_COUNT_S(bytes, mask.data());
    }
    return 1;
}

}  // namespace

CpuLevel cpu_level() {
    static CpuLevel const best = best_level();
    char const* const wanted = std::getenv("PARTITA_CPU");
    return wanted && *wanted ? std::min(best, parse_level(wanted)) : best;
}

std::string to_string(CpuLevel level) {
    switch (level) {
        case CpuLevel::avx512:
            return "avx512";
        case CpuLevel::avx2:
            return "avx2";
        case CpuLevel::scalar:
            break;
    }
    return "scalar";
}

int available_cores() {
    int const cores = cores_in_affinity_mask();
    return std::max(1, std::min(cores, detail::cgroup_core_limit("").value_or(cores)));
}

std::string cpu_model() {
    std::ifstream lines("/proc/cpuinfo");
    for (std::string line; std::getline(lines, line);) {
        auto const colon = line.find(": ");
        if (line.rfind("model name", 0) == 0 && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown processor";
}

}  // namespace partita
