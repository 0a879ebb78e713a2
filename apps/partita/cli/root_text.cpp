#include "cli/root_text.hpp"

#include "partita/comm/collectively.hpp"

namespace partita::cli {

std::string root_text(Communicator const& comm, std::function<std::string()> const& work) {
    std::string text, failure;
    if (comm.is_root()) {
        try {
            text = work();
        } catch (...) {
            failure = current_exception_message();
        }
    }
    failure = comm.broadcast(std::move(failure));
    if (!failure.empty()) throw CollectiveError(failure);
    return comm.broadcast(std::move(text));
}

}  // namespace partita::cli
