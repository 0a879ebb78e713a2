#pragma once

#include "partita/comm/communicator.hpp"

#include <functional>

namespace partita {

/// The exit status after a failure of MPI itself, of which a lost host or rank is the usual cause:
/// the same job may do well when it is started again. EX_OSERR of sysexits.h.
constexpr int lost_status = 71;

/// A program's main: start MPI, run `body` on the world communicator, report, stop MPI.
///
/// Returns body's result, or 1 after an error. A CollectiveError is printed once, by rank 0, as
/// "partita: <message>", and so is Stopped, which returns requeue_status. Any other exception
/// cannot be assumed to have reached the other ranks: it is printed with its rank
/// ("partita: rank 2: ...") and the whole job is aborted, with status 1, or with lost_status when
/// MPI itself failed.
///
/// Before MPI starts, this fills gaps in the environment so that a plain `mpirun -n 4` or no
/// mpirun at all is quiet and fast: ranks that outnumber cores yield while they wait, and, when
/// the launcher bound each rank to one core by default, each rank gets its share of the node's
/// cores for its threads (set PARTITA_BIND=keep to keep the launcher's binding). Without
/// OMP_NUM_THREADS, OpenMP gets as many threads as the rank has cores, or its part of those that
/// it shares. What a user sets (OMPI_MCA_*, --bind-to, --map-by with PE=) wins. MPI is started
/// with MPI_THREAD_FUNNELED.
int run_app(int argc, char** argv, std::function<int(Communicator const&)> const& body);

/// Whether a launcher such as mpirun or srun started this process, so that other ranks may be
/// there. May be asked before MPI is started.
bool launched();

}  // namespace partita
