#include "cli/root_text.hpp"

#include "partita/comm/on_root.hpp"

namespace partita::cli {

std::string root_text(Communicator const& comm, std::function<std::string()> const& work) {
    std::string text;
    on_root(comm, [&] { text = work(); });
    return comm.broadcast(std::move(text));
}

}  // namespace partita::cli
