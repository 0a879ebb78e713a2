#pragma once

#include "partita/format/vector_reader.hpp"

#include <memory>
#include <string>

namespace partita::format {

/// The readers behind open_vector_file, one per format.
std::unique_ptr<VectorReader> open_npy(std::string const& path);
std::unique_ptr<VectorReader> open_vecs(std::string const& path, ElementType type);
std::unique_ptr<VectorReader> open_bin(std::string const& path, ElementType type);
std::unique_ptr<VectorReader> open_idx(std::string const& path);

/// Whether the file (or what it unzips to) starts like an idx file.
bool has_idx_magic(std::string const& path);

}  // namespace partita::format
