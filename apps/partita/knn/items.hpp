#pragma once

#include "partita/comm/communicator.hpp"

#include <string>
#include <vector>

namespace partita::cli {

/// Ids from a text file, one a line, or, when there is no such file, from the text itself,
/// separated by commas.
///
/// Collective: rank 0 reads.
std::vector<std::string> read_items(Communicator const& comm, std::string const& spec);

}  // namespace partita::cli
