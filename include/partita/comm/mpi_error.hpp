#pragma once

#include <stdexcept>

namespace partita {

/// A failure inside MPI itself. Other ranks may be blocked in the same call, so the job cannot go
/// on: run_app prints the message with the rank and aborts.
class MpiError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Throw MpiError("MPI_Bcast: <MPI's text>") unless `code` is MPI_SUCCESS.
void check_mpi(int code, char const* function);

}  // namespace partita
