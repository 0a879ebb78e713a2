#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace partita::dataset {

/// memcpy for what is mostly a few words long: without a call up to 32 bytes.
inline void copy_bytes(void* to, void const* from, std::size_t bytes) {
    auto* const out = static_cast<std::byte*>(to);
    auto const* const in = static_cast<std::byte const*>(from);
    // The first and the last half, which may overlap.
    auto const halves = [&]<std::size_t half>(std::integral_constant<std::size_t, half>) {
        std::byte first[half], last[half];
        std::memcpy(first, in, half);
        std::memcpy(last, in + bytes - half, half);
        std::memcpy(out, first, half);
        std::memcpy(out + bytes - half, last, half);
    };
    if (bytes > 32)
        std::memcpy(to, from, bytes);
    else if (bytes >= 16)
        halves(std::integral_constant<std::size_t, 16>{});
    else if (bytes >= 8)
        halves(std::integral_constant<std::size_t, 8>{});
    else if (bytes >= 4)
        halves(std::integral_constant<std::size_t, 4>{});
    else
        for (std::size_t i = 0; i < bytes; ++i) out[i] = in[i];
}

}  // namespace partita::dataset
