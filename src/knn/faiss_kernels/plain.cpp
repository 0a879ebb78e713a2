#include "knn/faiss_kernels.hpp"

namespace partita::knn {

bool faiss_kernels_active() { return false; }

}  // namespace partita::knn
