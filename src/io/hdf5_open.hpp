#pragma once

#include "io/hdf5_handle.hpp"

#include <string>

namespace partita::io {

/// Whether the file begins like HDF5 (a user block before its signature is allowed).
/// @throws Error when it cannot be read at all.
bool looks_like_hdf5(std::string const& path);

/// The file, opened for reading by this process alone.
/// @throws Error: missing, empty, not HDF5, truncated, damaged.
Hdf5File open_hdf5(std::string const& path);

}  // namespace partita::io
