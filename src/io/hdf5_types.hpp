#pragma once

#include "io/hdf5_handle.hpp"

#include "partita/format/element_type.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace partita::io {

/// The smallest element type that holds every value of an HDF5 type of any byte order (uint64 is
/// read as int64, and its values are checked); nothing for what is not a plain number.
std::optional<format::ElementType> element_type_of(hid_t type);

/// For people: "float32", "uint16", "string", "compound".
std::string type_name_of(hid_t type);

/// HDF5's own constant for an element type in memory; not to be closed.
hid_t memory_type(format::ElementType type);

/// The type that a dataset is created with.
Hdf5TypeId file_type(Hdf5Type const& type);

/// The compound of members one after another, each of the type that type_of() makes for it.
/// @throws Error "PROBLEM 'member'" when HDF5 does not take one.
Hdf5TypeId record_of(std::span<Hdf5Member const> members, std::string_view problem,
                     std::function<Hdf5TypeId(Hdf5Member const&)> const& type_of);
/// The same, little-endian as file_type makes them.
Hdf5TypeId record_type(std::span<Hdf5Member const> members);

/// A string as h5py writes one: of variable length, UTF-8.
Hdf5TypeId variable_text_type();

}  // namespace partita::io
