#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace partita::frame {

/// A table in an HDF5 file: "x.h5:/name" is a dataset of compounds, a row each, or a group whose
/// one-dimensional datasets of one length are the columns. "x.h5" is the only dataset of compounds
/// in it, or else the columns at the top. Two-dimensional
/// datasets, and arrays within compounds, are vectors. Collective.
///
/// Of what pandas' to_hdf writes, format="table" with data_columns=True can be read, by the group's
/// name too; the others pack columns into arrays, and one sentence says so.
///
/// Integers become int64, floats float32 or float64 (float32 within vectors), strings of fixed or
/// variable length string, h5py's and PyTables' bools bool; what this library wrote has the types
/// that it had. Rows are read when the table is run.
/// @throws CollectiveError when there is no such table, or it has members of other types.
Table read_hdf5(dataset::Context const& context, std::string const& spec);

/// Write all rows, in order, as a dataset of compounds that `pandas.read_hdf(path, name)` and h5py
/// open. "x.h5:/name" names it, "x.h5" calls it "table". Collective. Returns the rows written.
///
/// Strings get the width of their column's longest. HDF5 knows no null: where one stands, a number
/// is NaN (so an int64 or bool column with nulls is written as float64), a string is empty, and a
/// vector all NaN. Vectors are arrays within the compound, which h5py shows as two dimensions.
/// Booleans are uint8, timestamps int64 microseconds; the attribute "schema" tells the types.
/// @throws CollectiveError when integers beside nulls are too large for a double to hold exactly.
/// @param texts  Further datasets of one string each: their names and what they hold.
std::int64_t write_hdf5(Table const& table, std::string const& spec, bool overwrite = false,
                        std::vector<std::pair<std::string, std::string>> const& texts = {});

}  // namespace partita::frame
