#pragma once

namespace partita::bench {

/// GFLOP of float32 fused multiply-adds on independent registers per second of processor time,
/// while `threads` threads run: the limit of one core for anything made of them. The best of
/// several runs.
double fma_peak_per_core(int threads);

}  // namespace partita::bench
