#pragma once

#include <cstdint>

namespace partita::frame::csv {

/// Where in 64 bytes of text what stands: bit i is byte i.
struct Masks {
    std::uint64_t quote, newline, separator;
};

/// Masks of `blocks` blocks of 64 bytes, by the best instructions that the processor has.
void find_masks(char const* text, std::int64_t blocks, char separator, Masks* out);

/// Bit i of the result is the parity of bits 0 to i.
inline std::uint64_t running_parity(std::uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ (bits << 32);
}

}  // namespace partita::frame::csv
