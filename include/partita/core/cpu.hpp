#pragma once

#include <string>

namespace partita {

/// Instruction sets for which hot kernels are compiled; higher values include the lower ones.
enum class CpuLevel { scalar = 0, avx2 = 1, avx512 = 2 };

/// The best level that this processor runs, or less when $PARTITA_CPU names one
/// (scalar, avx2, avx512): useful for tests and for comparing machines.
CpuLevel cpu_level();

std::string to_string(CpuLevel level);

/// Processors that this process may run on (its affinity mask, further limited by the cgroup's
/// CPU quota).
int available_cores();

/// "AMD EPYC ..." from /proc/cpuinfo.
std::string cpu_model();

}  // namespace partita
