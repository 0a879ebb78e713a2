#include "knn/shard/ring.hpp"

#include "partita/comm/mpi_error.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

/// One message: far below the 2^31 that MPI's counts allow, and long enough to be fast.
constexpr std::int64_t message_bytes = std::int64_t{64} << 20;

/// Calls start(place, count) for pieces of [0, bytes).
template <class Start>
void in_pieces(std::int64_t bytes, Start const& start) {
    for (std::int64_t place = 0; place < bytes; place += message_bytes)
        start(place, static_cast<int>(std::min(message_bytes, bytes - place)));
}

}  // namespace

void RingTransfer::send_to_next(Communicator const& comm, void const* data, std::int64_t bytes,
                                int channel) {
    int const next = (comm.rank() + 1) % comm.size();
    in_pieces(bytes, [&](std::int64_t place, int count) {
        requests_.push_back(MPI_REQUEST_NULL);
        check_mpi(MPI_Isend(static_cast<std::byte const*>(data) + place, count, MPI_BYTE, next,
                            channel, comm.handle(), &requests_.back()),
                  "MPI_Isend");
    });
}

void RingTransfer::receive_from_previous(Communicator const& comm, void* data, std::int64_t bytes,
                                         int channel) {
    int const previous = (comm.rank() + comm.size() - 1) % comm.size();
    in_pieces(bytes, [&](std::int64_t place, int count) {
        requests_.push_back(MPI_REQUEST_NULL);
        check_mpi(MPI_Irecv(static_cast<std::byte*>(data) + place, count, MPI_BYTE, previous,
                            channel, comm.handle(), &requests_.back()),
                  "MPI_Irecv");
    });
}

void RingTransfer::advance() {
    int done = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done,
                          MPI_STATUSES_IGNORE),
              "MPI_Testall");
}

void RingTransfer::finish() {
    check_mpi(
        MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE),
        "MPI_Waitall");
    requests_.clear();
}

}  // namespace partita::knn
