#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/error.hpp"

#include <string>

namespace partita {

/// The exit status of a job that was asked to stop and has kept what is finished: put it into the
/// queue again, and it goes on from there. EX_TEMPFAIL of sysexits.h: "try again later".
constexpr int requeue_status = 75;

/// The same on every rank: the job was asked to stop, and did so where it can go on later. run_app
/// prints the message once and returns requeue_status.
class Stopped : public Error {
  public:
    using Error::Error;
};

/// While one of these lives, SIGUSR1 and SIGTERM ask this process to stop at its job's next good
/// moment instead of ending it at once: batch systems send them before they kill. A second SIGTERM
/// ends the process.
///
/// The signal does no more than set a flag. Rank-local; made and unmade by the main thread.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();  ///< What the signals did before, they do again.
    StopSignals(StopSignals const&) = delete;
    StopSignals& operator=(StopSignals const&) = delete;
};

/// Whether this rank was asked to stop. Other ranks may not know yet: see stop_agreed.
bool stop_requested();

/// Whether any rank was asked to stop.
///
/// Collective: the same on all ranks, so that all stop at the same place.
bool stop_agreed(Communicator const& comm);

/// "SIGUSR1": the first signal that this rank got; "a signal to another rank" when it got none.
std::string stop_reason();

}  // namespace partita
