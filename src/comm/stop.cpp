#include "partita/comm/stop.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <signal.h>

namespace partita {

namespace {

/// The first signal; 0 = none. Lock-free, as what a signal handler touches must be.
std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

struct sigaction previous_usr1, previous_term;

extern "C" void ask_to_stop(int signal) {
    int none = 0;
    if (first_signal.compare_exchange_strong(none, signal) || signal != SIGTERM) return;
    ::signal(SIGTERM, SIG_DFL);  // The second time it is meant.
    ::raise(SIGTERM);
}

}  // namespace

StopSignals::StopSignals() {
    first_signal = 0;
    struct sigaction action {};
    action.sa_handler = ask_to_stop;
    // Reads and writes that a signal interrupts go on.
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, &previous_usr1);
    sigaction(SIGTERM, &action, &previous_term);
}

StopSignals::~StopSignals() {
    sigaction(SIGUSR1, &previous_usr1, nullptr);
    sigaction(SIGTERM, &previous_term, nullptr);
    first_signal = 0;
}

bool stop_requested() { return first_signal != 0; }

bool stop_agreed(Communicator const& comm) {
    return comm.all_reduce(std::int32_t{stop_requested()}, Reduce::max) != 0;
}

std::string stop_reason() {
    int const signal = first_signal;
    if (signal == SIGUSR1) return "SIGUSR1";
    return signal == SIGTERM ? "SIGTERM" : "a signal to another rank";
}

}  // namespace partita
