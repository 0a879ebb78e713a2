#pragma once

#include "partita/core/hash.hpp"

#include <cstdint>
#include <string_view>

namespace partita::bench {

/// Checksums of results are sums, modulo 2^64, over the rows that a rank has, so that neither order
/// nor distribution matters where the operation promises none.

inline std::uint64_t checksum_of(std::int64_t key, std::int64_t value) {
    return mix64(static_cast<std::uint64_t>(key)) * (2 * static_cast<std::uint64_t>(value) + 1);
}
inline std::uint64_t checksum_of(std::string_view key, std::int64_t value) {
    return hash_bytes(key) * (2 * static_cast<std::uint64_t>(value) + 1);
}
/// A row of a per-key sort: the index tells of the order.
inline std::uint64_t checksum_of(std::string_view key, std::string_view value, std::int64_t index) {
    return combine_hashes(hash_bytes(key), hash_bytes(value)) *
           (2 * static_cast<std::uint64_t>(index) + 1);
}

/// Adds up numbers as they come in order; one that is out of order spoils the sum.
struct SortedChecksum {
    std::uint64_t last = 0, sum = 0;
    void add(std::uint64_t number) {
        sum += number < last ? 1 : mix64(number);
        last = number;
    }
};

}  // namespace partita::bench
