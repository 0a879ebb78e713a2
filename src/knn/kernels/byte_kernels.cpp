#include "knn/kernels/byte_kernels.hpp"

#include "partita/core/cpu.hpp"
#include "partita/core/error.hpp"

#include <cstdlib>
#include <string>

namespace partita::knn {

#if defined(__x86_64__)
bool has_vnni() { return cpu_level() == CpuLevel::avx512 && __builtin_cpu_supports("avx512vnni"); }
#endif

namespace {

ByteKernels const* fast_kernels() {
#if defined(__x86_64__)
    if (has_vnni()) return &vnni_byte_kernels;
#endif
    return nullptr;
}

}  // namespace

ByteKernels const* byte_kernels(std::int64_t dim) {
    char const* const wanted = std::getenv("PARTITA_KNN_SCORES");
    std::string const kind = wanted ? wanted : "";
    check(kind.empty() || kind == "floats" || kind == "bytes",
          "PARTITA_KNN_SCORES: expected floats or bytes, got '{}'", kind);
    if (kind == "floats" || dim > most_byte_dim) return nullptr;
    ByteKernels const* const fast = fast_kernels();
    return kind == "bytes" && !fast ? &scalar_byte_kernels : fast;
}

}  // namespace partita::knn
