#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace partita::io {

/// A text with the numbers that are too many for it: an HDF5 file with the one-dimensional datasets
/// `text` (a UTF-8 string), `numbers` (float64) and `integers` (int64).
struct ArrayFile {
    std::string text;
    std::vector<double> numbers;
    std::vector<std::int64_t> integers;
};

/// Written by this process alone, without MPI; not atomic. Rank-local.
/// @throws Error when it cannot be written.
void write_array_file(std::string const& path, ArrayFile const& file);

/// Whether a file is one of HDF5 that holds these datasets. Rank-local.
bool is_array_file(std::string const& path);

/// @throws Error when something is missing or damaged. Rank-local.
ArrayFile read_array_file(std::string const& path);

}  // namespace partita::io
