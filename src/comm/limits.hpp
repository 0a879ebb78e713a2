#pragma once

#include <cstdint>

namespace partita::comm_limits {

/// The most bytes that one MPI call may move, well below the 2^31 that its int counts allow.
/// Longer transfers go in pieces. All ranks must use the same value.
std::int64_t piece_bytes();

/// For tests: reach the many-piece paths with bytes instead of gigabytes. The old value comes back
/// when this goes out of scope.
class ScopedPieceBytes {
  public:
    explicit ScopedPieceBytes(std::int64_t bytes);
    ~ScopedPieceBytes();
    ScopedPieceBytes(ScopedPieceBytes const&) = delete;
    ScopedPieceBytes& operator=(ScopedPieceBytes const&) = delete;

  private:
    std::int64_t old_;
};

}  // namespace partita::comm_limits
