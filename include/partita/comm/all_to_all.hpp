#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace partita {

/// Limits of an exchange; the defaults suit shared memory and fast networks.
struct ExchangeLimits {
    std::int64_t chunk_bytes = 1 << 20;       ///< One message carries at most this.
    std::int64_t in_flight_bytes = 64 << 20;  ///< Receives (and sends) posted at a time, in all.
};

/// The byte-level exchange under all_to_all.
///
/// Collective. bytes_to[r] bytes, taken from `send` in rank order, go to rank r.
/// @param receive  Called once with the number of bytes from each rank; returns where to put them
///                 (room for their sum, filled in rank order).
void all_to_all_bytes(Communicator const& comm, std::byte const* send,
                      std::span<std::int64_t const> bytes_to, std::vector<std::int64_t>& bytes_from,
                      Buffer<std::byte>& received, ExchangeLimits const& limits = {});

/// What an exchange brought: items by source rank, then in their order there.
template <class T>
struct Received {
    Buffer<std::byte> storage;
    std::vector<std::int64_t> counts;  ///< counts[r] = items from rank r, size comm.size().

    std::span<T const> items() const {
        return {reinterpret_cast<T const*>(storage.data()),
                static_cast<std::size_t>(storage.size()) / sizeof(T)};
    }
};

/// Send a slice of `items` to each rank and return what the others sent to this one.
///
/// Collective. Counts are 64-bit: one slice may exceed 2 GiB.
///
/// @param items   Items grouped by destination, size sum(counts).
/// @param counts  counts[r] = items for rank r, size comm.size().
/// @return        Received items, by source rank, then in their order there.
/// @throws CollectiveError on every rank if any rank's counts do not add up.
template <class T>
requires std::is_trivially_copyable_v<T> Received<T> all_to_all(
    Communicator const& comm, std::span<T const> items, std::span<std::int64_t const> counts,
    ExchangeLimits const& limits = {});

}  // namespace partita
