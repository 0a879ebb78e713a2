#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/id_column.hpp"

#include <memory>
#include <string>

namespace partita::io {

/// Ids from a file of their own: "ids.h5:/names" ("ids.h5" means its dataset /ids), a
/// one-dimensional .npy, or else a text file with one id a line.
///
/// Collective. @throws CollectiveError on what is no file of ids.
std::unique_ptr<IdColumn> open_id_file(Communicator const& comm, std::string const& spec);

}  // namespace partita::io
