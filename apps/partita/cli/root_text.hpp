#pragma once

#include "partita/comm/communicator.hpp"

#include <functional>
#include <string>

namespace partita::cli {

/// What `work` returns on the root, on every rank: for things that only the root can see or should
/// look at (its environment, a settings file, whether an output exists).
///
/// Collective.
/// @throws CollectiveError on every rank, with the root's message as it is, when `work` throws.
std::string root_text(Communicator const& comm, std::function<std::string()> const& work);

}  // namespace partita::cli
