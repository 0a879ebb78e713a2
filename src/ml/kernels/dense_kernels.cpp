#include "ml/kernels/dense_kernels.hpp"

#include "partita/core/cpu.hpp"

namespace partita::ml {
namespace {

DenseKernels const& choose_kernels() {
#if defined(__x86_64__)
    switch (cpu_level()) {
        case CpuLevel::avx512:
            return avx512_dense_kernels;
        case CpuLevel::avx2:
            return avx2_dense_kernels;
        case CpuLevel::scalar:
            break;
    }
#endif
    return scalar_dense_kernels;
}

}  // namespace

DenseKernels const& dense_kernels() {
    static DenseKernels const& chosen = choose_kernels();
    return chosen;
}

}  // namespace partita::ml
