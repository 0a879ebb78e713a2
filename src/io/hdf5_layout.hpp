#pragma once

#include "partita/io/hdf5_writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::io {

/// @throws Error unless the datasets can be made; `path` names the file in the message.
void check_datasets(std::string const& path, std::vector<Hdf5DatasetSpec> const& specs);

/// At least as much as the file with these datasets takes.
std::int64_t planned_bytes(std::vector<Hdf5DatasetSpec> const& specs);

/// Make the file `temporary` with these datasets; returns where in it each begins.
std::vector<std::int64_t> lay_out_hdf5(std::string const& temporary, std::string const& path,
                                       std::vector<Hdf5DatasetSpec> const& specs);

/// Give a file that was laid out so, and filled and finished since, everything but its rows as it
/// was when it was laid out.
std::vector<std::int64_t> restore_hdf5_layout(std::string const& temporary, std::string const& path,
                                              std::vector<Hdf5DatasetSpec> const& specs);

}  // namespace partita::io
