#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace partita {

/// Limits of an exchange; the defaults suit shared memory and fast networks.
struct ExchangeLimits {
    std::int64_t chunk_bytes = 1 << 20;  ///< One message carries at most this.
    /// Sends and receives that MPI works on at a time, together; at least one of each in any case.
    std::int64_t in_flight_bytes = 64 << 20;
};

/// The byte-level exchange under all_to_all.
///
/// Collective. bytes_to[r] bytes, taken from `send` in rank order, go to rank r. `bytes_from` and
/// `received` are replaced: bytes_from[r] bytes came from rank r, and lie in rank order. All ranks
/// give the same limits.
/// @throws CollectiveError on every rank when any rank's sizes are negative or do not add up to
///         send.size(), or when there is no memory for what it would receive.
void all_to_all_bytes(Communicator const& comm, std::span<std::byte const> send,
                      std::span<std::int64_t const> bytes_to, std::vector<std::int64_t>& bytes_from,
                      Buffer<std::byte>& received, ExchangeLimits const& limits = {});

/// The same into memory of the caller's: allocate(bytes), called once, says where the received
/// bytes go, and must last until the exchange is over.
void all_to_all_bytes(Communicator const& comm, std::span<std::byte const> send,
                      std::span<std::int64_t const> bytes_to, std::vector<std::int64_t>& bytes_from,
                      std::function<std::byte*(std::int64_t)> const& allocate,
                      ExchangeLimits const& limits = {});

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
template <TriviallyCopyable T>
Received<T> all_to_all(Communicator const& comm, std::span<T const> items,
                       std::span<std::int64_t const> counts, ExchangeLimits const& limits = {}) {
    constexpr auto item_bytes = static_cast<std::int64_t>(sizeof(T));
    std::vector<std::int64_t> bytes_to(counts.begin(), counts.end());
    for (std::int64_t& bytes : bytes_to)
        if (__builtin_mul_overflow(bytes, item_bytes, &bytes)) bytes = -1;  // refused below
    Received<T> result;
    all_to_all_bytes(comm, std::as_bytes(items), bytes_to, result.counts, result.storage, limits);
    for (std::int64_t& count : result.counts) count /= item_bytes;
    return result;
}

}  // namespace partita
