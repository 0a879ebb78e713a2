#pragma once

#include "partita/comm/communicator.hpp"

#include <fstream>
#include <string>

namespace partita::test {

/// Let root prepare files, and the others wait for them. Collective.
template <class Work>
void on_root(Communicator const& comm, Work&& work) {
    if (comm.is_root()) work();
    comm.barrier();
}

inline void put(std::string const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace partita::test
