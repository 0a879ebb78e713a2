#pragma once

#include "partita/core/hash.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace partita {

/// A stream of random numbers that is a function of (seed, stream) alone.
///
/// Give every row (or block) its own stream number and the numbers do not depend on which rank or
/// thread draws them. Satisfies UniformRandomBitGenerator; the helpers below, unlike the standard
/// library's distributions, give the same values on every platform.
class RandomStream {
  public:
    using result_type = std::uint64_t;

    explicit RandomStream(std::uint64_t seed, std::uint64_t stream = 0)
        : state_(combine_hashes(mix64(seed), stream)) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

    result_type operator()() {
        state_ += 0x9e3779b97f4a7c15u;
        return mix64(state_);
    }

    /// Uniform in [0, 1), 53 random bits.
    double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

    /// Uniform in [0, n), n > 0, without bias that matters below n = 2^53.
    std::uint64_t below(std::uint64_t n) {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>((*this)()) * n) >> 64);
    }

    /// Standard normal (Box and Muller, 1958).
    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        double const radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        double const angle = 2.0 * std::numbers::pi * uniform();
        spare_ = radius * std::sin(angle);
        has_spare_ = true;
        return radius * std::cos(angle);
    }

  private:
    std::uint64_t state_;
    double spare_ = 0;
    bool has_spare_ = false;
};

}  // namespace partita
