#include "partita/comm/all_to_all.hpp"

#include "comm/limits.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace partita {

namespace {

constexpr int exchange_tag = 31;
/// Enough to hide latency when messages are small; more only lengthens MPI's queues.
constexpr std::size_t most_requests = 64;

std::vector<std::int64_t> starts_of(std::span<std::int64_t const> sizes) {
    std::vector<std::int64_t> starts(sizes.size() + 1, 0);
    std::partial_sum(sizes.begin(), sizes.end(), starts.begin() + 1);
    return starts;
}

void check_sizes(std::span<std::int64_t const> bytes_to, std::int64_t send_bytes, int ranks) {
    check(static_cast<int>(bytes_to.size()) == ranks, "expected counts for {} ranks, got {}", ranks,
          bytes_to.size());
    std::int64_t sum = 0;
    for (std::int64_t const bytes : bytes_to) {
        check(bytes >= 0, "expected counts of at least 0 whose sizes fit 63 bits");
        check(!__builtin_add_overflow(sum, bytes, &sum), "the counts' sum does not fit 63 bits");
    }
    check(sum == send_bytes, "expected counts that add up to the {} bytes to send, got {}",
          send_bytes, sum);
}

/// One direction of the exchange: this rank's slices for (or from) its partners, cut into chunks,
/// a bounded number of which MPI works on at a time.
///
/// All ranks go through their partners in the same rounds (round s pairs rank r's sends with rank
/// r + s), so the oldest message that is still under way anywhere is posted on both sides:
/// the exchange cannot lock up, however small the limits.
class ChunkStream {
  public:
    enum class Direction { send, receive };

    ChunkStream(Communicator const& comm, Direction direction, std::byte* data,
                std::span<std::int64_t const> starts, std::int64_t chunk_bytes,
                std::int64_t in_flight_bytes)
        : comm_(comm),
          direction_(direction),
          data_(data),
          starts_(starts),
          chunk_bytes_(chunk_bytes),
          most_in_flight_(in_flight_bytes) {
        enter_round(1);
    }

    /// Hand MPI as many chunks as the limits allow.
    void post(std::vector<MPI_Request>& requests, std::vector<std::int64_t>& request_bytes,
              std::size_t first_slot) {
        for (std::size_t slot = first_slot; slot < first_slot + most_requests && !done(); ++slot) {
            std::int64_t const bytes = std::min(chunk_bytes_, last_ - next_);
            if (in_flight_ > 0 && in_flight_ + bytes > most_in_flight_) return;
            if (requests[slot] != MPI_REQUEST_NULL) continue;
            start(bytes, &requests[slot]);
            request_bytes[slot] = bytes;
        }
    }

    void completed(std::int64_t bytes) { in_flight_ -= bytes; }

  private:
    bool done() const { return round_ == comm_.size(); }

    void start(std::int64_t bytes, MPI_Request* request) {
        int const count = static_cast<int>(bytes);
        if (direction_ == Direction::send)
            check_mpi(MPI_Isend(data_ + next_, count, MPI_BYTE, partner_, exchange_tag,
                                comm_.handle(), request),
                      "MPI_Isend");
        else
            check_mpi(MPI_Irecv(data_ + next_, count, MPI_BYTE, partner_, exchange_tag,
                                comm_.handle(), request),
                      "MPI_Irecv");
        in_flight_ += bytes;
        next_ += bytes;
        if (next_ == last_) enter_round(round_ + 1);
    }

    /// Go to the first partner from this round on with whom anything is exchanged.
    void enter_round(int round) {
        int const size = comm_.size(), rank = comm_.rank();
        for (round_ = round; round_ < size; ++round_) {
            partner_ = direction_ == Direction::send ? (rank + round_) % size
                                                     : (rank - round_ + size) % size;
            next_ = starts_[static_cast<std::size_t>(partner_)];
            last_ = starts_[static_cast<std::size_t>(partner_) + 1];
            if (next_ < last_) return;
        }
    }

    Communicator const& comm_;
    Direction direction_;
    std::byte* data_;
    std::span<std::int64_t const> starts_;
    std::int64_t chunk_bytes_, most_in_flight_;
    std::int64_t in_flight_ = 0;
    int round_ = 1, partner_ = 0;
    std::int64_t next_ = 0, last_ = 0;
};

void copy_own_slice(Communicator const& comm, std::byte const* send,
                    std::span<std::int64_t const> send_starts, std::byte* receive,
                    std::span<std::int64_t const> receive_starts) {
    auto const me = static_cast<std::size_t>(comm.rank());
    std::int64_t const bytes = send_starts[me + 1] - send_starts[me];
    if (bytes > 0)
        std::memcpy(receive + receive_starts[me], send + send_starts[me],
                    static_cast<std::size_t>(bytes));
}

/// Move all slices; counts and room have been agreed on.
void exchange(Communicator const& comm, std::byte const* send,
              std::span<std::int64_t const> send_starts, std::byte* receive,
              std::span<std::int64_t const> receive_starts, ExchangeLimits const& limits) {
    std::int64_t const chunk =
        std::clamp<std::int64_t>(limits.chunk_bytes, 1, comm_limits::piece_bytes());
    using Direction = ChunkStream::Direction;
    // MPI's send functions promise not to write, in spite of the cast.
    ChunkStream sends(comm, Direction::send, const_cast<std::byte*>(send), send_starts, chunk,
                      limits.in_flight_bytes / 2);
    ChunkStream receives(comm, Direction::receive, receive, receive_starts, chunk,
                         limits.in_flight_bytes / 2);
    std::vector<MPI_Request> requests(2 * most_requests, MPI_REQUEST_NULL);
    std::vector<std::int64_t> request_bytes(2 * most_requests, 0);
    receives.post(requests, request_bytes, 0);
    sends.post(requests, request_bytes, most_requests);
    copy_own_slice(comm, send, send_starts, receive, receive_starts);

    std::vector<int> finished(2 * most_requests);
    while (true) {
        int count = 0;
        check_mpi(MPI_Waitsome(static_cast<int>(requests.size()), requests.data(), &count,
                               finished.data(), MPI_STATUSES_IGNORE),
                  "MPI_Waitsome");
        if (count == MPI_UNDEFINED) return;  // nothing was under way, so nothing is left
        for (int i = 0; i < count; ++i) {
            auto const slot = static_cast<std::size_t>(finished[static_cast<std::size_t>(i)]);
            (slot < most_requests ? receives : sends).completed(request_bytes[slot]);
        }
        receives.post(requests, request_bytes, 0);
        sends.post(requests, request_bytes, most_requests);
    }
}

}  // namespace

void all_to_all_bytes(Communicator const& comm, std::span<std::byte const> send,
                      std::span<std::int64_t const> bytes_to, std::vector<std::int64_t>& bytes_from,
                      std::function<std::byte*(std::int64_t)> const& allocate,
                      ExchangeLimits const& limits) {
    auto const ranks = static_cast<std::size_t>(comm.size());
    std::optional<std::string> failure;
    // A rank with bad counts takes part with zeros, so that one agreement covers both steps.
    std::vector<std::int64_t> sizes(ranks, 0);
    bytes_from.assign(ranks, 0);
    try {
        check_sizes(bytes_to, static_cast<std::int64_t>(send.size()), comm.size());
        std::copy(bytes_to.begin(), bytes_to.end(), sizes.begin());
    } catch (Error const& error) {
        failure = error.what();
    }
    check_mpi(MPI_Alltoall(sizes.data(), 1, MPI_INT64_T, bytes_from.data(), 1, MPI_INT64_T,
                           comm.handle()),
              "MPI_Alltoall");
    std::vector<std::int64_t> const send_starts = starts_of(sizes);
    std::vector<std::int64_t> const receive_starts = starts_of(bytes_from);
    std::byte* const received = collectively(comm, "all_to_all", [&] {
        if (failure) throw Error(*failure);
        return allocate(receive_starts.back());
    });
    exchange(comm, send.data(), send_starts, received, receive_starts, limits);
}

void all_to_all_bytes(Communicator const& comm, std::span<std::byte const> send,
                      std::span<std::int64_t const> bytes_to, std::vector<std::int64_t>& bytes_from,
                      Buffer<std::byte>& received, ExchangeLimits const& limits) {
    auto const allocate = [&](std::int64_t bytes) {
        received = Buffer<std::byte>(bytes);
        return received.data();
    };
    all_to_all_bytes(comm, send, bytes_to, bytes_from, allocate, limits);
}

}  // namespace partita
