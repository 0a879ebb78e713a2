#pragma once

#include "partita/comm/collectively.hpp"

#include <string>
#include <utility>

namespace partita {

/// Run work that only rank 0 does; if it throws there, throw the same CollectiveError on all ranks.
///
/// Collective; `work` itself must not communicate. Unlike under collectively(), the message names
/// no rank: nobody else was asked.
template <class Work>
void on_root(Communicator const& comm, Work&& work) {
    std::string failure;
    if (comm.is_root()) {
        try {
            std::forward<Work>(work)();
        } catch (...) {
            failure = current_exception_message();
        }
    }
    failure = comm.broadcast(std::move(failure));
    if (!failure.empty()) throw CollectiveError(failure);
}

}  // namespace partita
