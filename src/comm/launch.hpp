#pragma once

namespace partita {

/// Fill the gaps that the launcher left, before MPI starts (see run_app): Open MPI's settings for
/// one node, for oversubscribed nodes and for containers, this rank's processors, OpenMP's number
/// of threads. Nothing that the user has set is changed.
void prepare_launch();

}  // namespace partita
