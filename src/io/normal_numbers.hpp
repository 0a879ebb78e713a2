#pragma once

#include "partita/core/random.hpp"

#include <cstdint>

namespace partita::io {

/// `count` standard normal numbers from the stream: a few nanoseconds each, within 5.5 standard
/// deviations, and the same on every machine (additions, products, divisions and roots only).
void fill_normal(RandomStream& stream, float* out, std::int64_t count);

/// `count` numbers uniform in [0, 1), with 24 random bits.
void fill_uniform(RandomStream& stream, float* out, std::int64_t count);

}  // namespace partita::io
