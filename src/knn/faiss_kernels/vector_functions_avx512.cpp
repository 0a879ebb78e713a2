#include "knn/faiss_kernels/vector_functions.hpp"

#define PARTITA_LANES 16

namespace partita::knn {
namespace {

#include "knn/faiss_kernels/vector_functions.inl"

}  // namespace

extern VectorFunctions const avx512_vector_functions = PARTITA_VECTOR_FUNCTIONS;

}  // namespace partita::knn
