#pragma once

#include "partita/core/hash.hpp"

#include <bit>
#include <cstdint>

namespace partita::frame {

/// A random permutation of [0, n) that needs no memory: a Feistel network of four rounds over the
/// next even number of bits, applied again while its result is not below n (cycle walking: Black
/// and Rogaway, "Ciphers with arbitrary finite domains", 2002). At most four steps on average.
class Permutation {
  public:
    Permutation(std::int64_t n, std::uint64_t seed)
        : n_(static_cast<std::uint64_t>(n)),
          half_bits_((std::bit_width(n_ > 1 ? n_ - 1 : 1) + 1) / 2),
          seed_(mix64(seed)) {}

    std::int64_t operator()(std::int64_t i) const {
        auto value = static_cast<std::uint64_t>(i);
        do value = mixed(value);
        while (value >= n_);
        return static_cast<std::int64_t>(value);
    }

  private:
    std::uint64_t mixed(std::uint64_t value) const {
        std::uint64_t const mask = (std::uint64_t{1} << half_bits_) - 1;
        std::uint64_t left = value >> half_bits_, right = value & mask;
        for (std::uint64_t round = 0; round < 4; ++round) {
            std::uint64_t const next = left ^ (combine_hashes(seed_ + round, right) & mask);
            left = right;
            right = next;
        }
        return left << half_bits_ | right;
    }

    std::uint64_t n_;
    int half_bits_;
    std::uint64_t seed_;
};

}  // namespace partita::frame
