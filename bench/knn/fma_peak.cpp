#include "fma_peak.hpp"

#include "timing.hpp"

#include "partita/core/cpu.hpp"

#include <algorithm>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace partita::bench {
namespace {

/// About a fifth of a second a run: shorter bursts find a clock that no search of seconds gets.
constexpr std::int64_t steps = 60'000'000;
float volatile kept;  // keeps the compiler from dropping the work

#if defined(__x86_64__)
constexpr int accumulators = 12;  // more than latency times throughput of any core so far

__attribute__((target("avx512f"))) double flops_avx512() {
    __m512 const x = _mm512_set1_ps(1e-9f);
    __m512 sums[accumulators];
    for (int a = 0; a < accumulators; ++a) sums[a] = _mm512_set1_ps(static_cast<float>(a));
    for (std::int64_t i = 0; i < steps; ++i) {
#pragma GCC unroll 12
        for (int a = 0; a < accumulators; ++a) sums[a] = _mm512_fmadd_ps(sums[a], x, x);
    }
    for (int a = 1; a < accumulators; ++a) sums[0] = _mm512_add_ps(sums[0], sums[a]);
    kept = _mm512_cvtss_f32(sums[0]);
    return 2.0 * 16 * accumulators * static_cast<double>(steps);
}

__attribute__((target("avx2,fma"))) double flops_avx2() {
    __m256 const x = _mm256_set1_ps(1e-9f);
    __m256 sums[accumulators];
    for (int a = 0; a < accumulators; ++a) sums[a] = _mm256_set1_ps(static_cast<float>(a));
    for (std::int64_t i = 0; i < steps; ++i) {
#pragma GCC unroll 12
        for (int a = 0; a < accumulators; ++a) sums[a] = _mm256_fmadd_ps(sums[a], x, x);
    }
    for (int a = 1; a < accumulators; ++a) sums[0] = _mm256_add_ps(sums[0], sums[a]);
    kept = _mm256_cvtss_f32(sums[0]);
    return 2.0 * 8 * accumulators * static_cast<double>(steps);
}
#endif

double flops_scalar() {
    typedef float Four __attribute__((vector_size(16)));
    Four const x = {1e-9f, 1e-9f, 1e-9f, 1e-9f};
    Four sums[8] = {};
    for (std::int64_t i = 0; i < steps; ++i)
        for (auto& sum : sums) sum = sum * x + x;
    for (auto& sum : sums) kept = sum[0];
    return 2.0 * 4 * 8 * static_cast<double>(steps);
}

double flops_done() {
#if defined(__x86_64__)
    switch (cpu_level()) {
        case CpuLevel::avx512:
            return flops_avx512();
        case CpuLevel::avx2:
            return flops_avx2();
        case CpuLevel::scalar:
            break;
    }
#endif
    return flops_scalar();
}

}  // namespace

double fma_peak_per_core(int threads) {
    double best = 0;
    for (int repetition = 0; repetition < 5; ++repetition) {
        double flops = 0;
        double const before = processor_seconds();
#pragma omp parallel num_threads(threads) reduction(+ : flops)
        flops += flops_done();
        best = std::max(best, flops / (processor_seconds() - before) / 1e9);
    }
    return best;
}

}  // namespace partita::bench
