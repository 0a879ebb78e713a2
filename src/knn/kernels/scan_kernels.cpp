#include "knn/kernels/scan_kernels.hpp"

#include "partita/core/cpu.hpp"

namespace partita::knn {
namespace {

ScanKernels const& choose_kernels() {
#if defined(__x86_64__)
    switch (cpu_level()) {
        case CpuLevel::avx512:
            return avx512_kernels;
        case CpuLevel::avx2:
            return avx2_kernels;
        case CpuLevel::scalar:
            break;
    }
#endif
    return scalar_kernels;
}

}  // namespace

ScanKernels const& scan_kernels() {
    static ScanKernels const& chosen = choose_kernels();
    return chosen;
}

}  // namespace partita::knn
