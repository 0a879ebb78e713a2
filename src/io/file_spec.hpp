#pragma once

#include <string>

namespace partita::io {

/// "file.h5:/dataset" taken apart; `dataset` is "" when none is named.
struct FileSpec {
    std::string path;
    std::string dataset;
};

/// A colon is part of the name when a file of the whole name exists, or when what is left of the
/// last one looks like no HDF5 file.
FileSpec parse_file_spec(std::string const& spec);

/// ".h5", ".hdf5" or ".he5", upper or lower case.
bool has_hdf5_name(std::string const& path);
/// ".csv", ".tsv" or ".txt", upper or lower case.
bool has_csv_name(std::string const& path);

/// The name's end from its last dot on, in lower case; "" without one.
std::string extension_of(std::string const& path);

}  // namespace partita::io
