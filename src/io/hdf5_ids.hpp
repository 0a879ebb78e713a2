#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/format/id_reader.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <memory>
#include <string>

namespace partita::io {

/// Ids from a one-dimensional dataset of integers or strings.
///
/// Collective: each rank measures the texts of its share of the rows.
/// @throws CollectiveError on another kind of dataset, or on texts that are no ids.
std::unique_ptr<format::IdReader> open_hdf5_ids(Communicator const& comm,
                                                std::shared_ptr<Hdf5Reader const> file,
                                                std::string const& dataset);

/// The default: the dataset "ids" in the group of `vectors`, or else in the file's root, if it is
/// of one dimension and has `rows` elements; "" when there is none.
std::string own_ids_dataset(Hdf5Reader const& file, std::string const& vectors, std::int64_t rows);

}  // namespace partita::io
