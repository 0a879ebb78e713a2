#pragma once

#include "partita/comm/communicator.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <mpi.h>

namespace partita::knn {

/// Transfers to the next rank and from the previous one, under way while this rank works.
///
/// Messages of any size; they match in the order in which both sides start them. Whoever starts one
/// must finish it. Rank-local but for that.
class RingTransfer {
  public:
    RingTransfer() = default;
    RingTransfer(RingTransfer const&) = delete;
    RingTransfer& operator=(RingTransfer const&) = delete;

    /// @param channel  Messages of different channels do not mix.
    void send_to_next(Communicator const& comm, void const* data, std::int64_t bytes, int channel);
    void receive_from_previous(Communicator const& comm, void* data, std::int64_t bytes,
                               int channel);

    /// Let MPI work on it. From the main thread.
    void advance();
    void finish();

  private:
    std::vector<MPI_Request> requests_;
};

}  // namespace partita::knn
