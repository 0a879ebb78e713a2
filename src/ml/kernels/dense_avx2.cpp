#include "ml/kernels/dense_kernels.hpp"

#include <immintrin.h>

namespace partita::ml {
namespace {
#include "ml/kernels/dense_kernels.inl"
}  // namespace

extern DenseKernels const avx2_dense_kernels = PARTITA_DENSE_KERNELS;

}  // namespace partita::ml
