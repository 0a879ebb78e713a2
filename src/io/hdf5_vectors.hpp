#pragma once

#include "partita/format/vector_reader.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <memory>
#include <optional>
#include <string>

namespace partita::io {

/// Which dataset of the file holds the vectors: `wanted` if given, the only one that can, or else
/// `preferred`, or else "vectors".
/// @throws Error that lists what there is when there is no or more than one choice.
std::string choose_dataset(Hdf5Reader const& file, std::string const& wanted,
                           std::string const& preferred);

/// The rows of a two-dimensional dataset of numbers.
/// @throws Error unless the dataset is one, with at least one row and column.
std::unique_ptr<format::VectorReader> open_hdf5_vectors(std::shared_ptr<Hdf5Reader const> file,
                                                        std::string const& dataset);

/// The metric that the file's `distance` attribute (of ann-benchmarks) means: "l2", "cosine",
/// "ip"; nothing when it has none that Partita knows.
std::optional<std::string> metric_of(Hdf5Reader const& file);

}  // namespace partita::io
