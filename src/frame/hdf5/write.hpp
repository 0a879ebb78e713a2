#pragma once

#include "partita/frame/table.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace partita::frame {

/// Opens the file for the layout that rows turn out to need. Collective.
using OpenHdf5 = std::function<io::Hdf5Writer(std::vector<io::Hdf5DatasetSpec> const&)>;

/// Write a table that is cheap to run twice. Collective; returns the rows written.
/// @param path, object  For messages, and the dataset's name.
std::int64_t write_hdf5_rows(Table const& table, std::string const& path, std::string const& object,
                             OpenHdf5 const& open);

}  // namespace partita::frame
