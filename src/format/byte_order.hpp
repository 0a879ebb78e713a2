#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace partita::format {

/// Most formats are little-endian and so are the machines that Partita runs on; files of the other
/// order are swapped while they are read.
static_assert(std::endian::native == std::endian::little);

/// Reverse the bytes of each of `count` elements of 1, 4 or 8 bytes in place.
void swap_elements(void* elements, std::int64_t count, std::size_t element_bytes);

/// The number whose bytes start at `bytes`, lowest first.
template <class T>
T load_little(std::byte const* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// The number whose bytes start at `bytes`, highest first.
template <class T>
T load_big(std::byte const* bytes) {
    std::byte copy[sizeof(T)];
    std::reverse_copy(bytes, bytes + sizeof(T), copy);
    return load_little<T>(copy);
}

}  // namespace partita::format
