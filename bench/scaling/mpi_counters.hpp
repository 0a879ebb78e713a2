#pragma once

#include <cstdint>

/// What this process has sent through MPI since it began: counted by a library that takes the place
/// of MPI's functions (its profiling interface), linked or preloaded. When $PARTITA_MPI_COUNTS
/// names a file, rank 0 writes a JSON line of all ranks' counts to it at the end.
extern "C" {

struct PartitaMpiCounts {
    std::int64_t messages;          ///< Point to point, sent.
    std::int64_t message_bytes;     ///< In them.
    std::int64_t collectives;       ///< Calls of collective operations.
    std::int64_t collective_bytes;  ///< That this rank puts in or gets out, the larger of the two.
    double seconds;                 ///< In MPI, which includes waiting for others.
};

void partita_mpi_counts(PartitaMpiCounts* counts);
}
