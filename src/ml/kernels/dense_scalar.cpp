#include "ml/kernels/dense_kernels.hpp"

namespace partita::ml {
namespace {
#include "ml/kernels/dense_kernels.inl"
}  // namespace

extern DenseKernels const scalar_dense_kernels = PARTITA_DENSE_KERNELS;

}  // namespace partita::ml
