#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/format/vector_reader.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/io/id_column.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace partita::io {

/// What can be said of a file's vectors from a sample of them.
struct VectorSummary {
    std::string spec;  ///< The file, with the dataset that was looked at.
    format::VectorShape shape;
    IdKind ids = IdKind::row_numbers;
    std::string first_id, last_id;
    std::optional<std::string> metric;  ///< "l2", "cosine", "ip" when the file says so.

    std::int64_t sampled_rows = 0;                              ///< Evenly over the file.
    double smallest_norm = 0, mean_norm = 0, largest_norm = 0;  ///< L2, of rows without NaN.
    std::int64_t rows_with_nan = 0;                             ///< NaN or infinite.
};

/// What a file holds, for people.
struct FileDescription {
    std::string path;
    std::string kind;  ///< "HDF5", "CSV", ".npy", "FAISS index", "JSON", ...
    std::int64_t bytes = 0;
    std::vector<Hdf5DatasetInfo> datasets;  ///< HDF5.
    /// HDF5: of the file. JSON: the fields of its top level that are no list or object.
    std::vector<std::pair<std::string, std::string>> attributes;
    std::optional<VectorSummary> vectors;  ///< When the file has vectors.
    std::string note;                      ///< Why it has none, when one would expect some.
};

/// Look into a file.
///
/// Collective. Any file that exists can be described; one of unknown kind has no more than a size.
/// @param spec  A path, for HDF5 also "file.h5:/dataset".
/// @throws CollectiveError when the file cannot be read, or is damaged.
FileDescription describe(Communicator const& comm, std::string const& spec);

}  // namespace partita::io
