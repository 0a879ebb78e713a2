#include "knn/faiss_kernels/vector_functions.hpp"

#include "partita/core/cpu.hpp"
#include "partita/core/error.hpp"

namespace partita::knn {
namespace {

VectorFunctions const* choose_vector_functions() {
#if defined(__x86_64__)
    try {
        switch (cpu_level()) {
            case CpuLevel::avx512:
                return &avx512_vector_functions;
            case CpuLevel::avx2:
                return &avx2_vector_functions;
            case CpuLevel::scalar:
                break;
        }
    } catch (Error const&) {  // a bad PARTITA_CPU: whoever asks next, after main began, reports it
    }
#endif
    return &scalar_vector_functions;
}

/// Constant-initialised, so that it is never null; the better table comes with this source's own
/// static initialisation.
struct Chooser {
    Chooser() { active_vector_functions = choose_vector_functions(); }
};

}  // namespace

constinit VectorFunctions const* active_vector_functions = &scalar_vector_functions;

namespace {
Chooser const chooser;
}

}  // namespace partita::knn
