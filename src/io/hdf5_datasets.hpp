#pragma once

#include "io/hdf5_handle.hpp"

#include "partita/io/hdf5_reader.hpp"

#include <span>
#include <string>
#include <vector>

namespace partita::io {

/// What an open dataset holds.
Hdf5DatasetInfo info_of(hid_t dataset, std::string const& name);

/// All datasets that links of the file lead to, by name: one with two names is listed twice.
std::vector<Hdf5DatasetInfo> list_datasets(hid_t file);

/// Elements [first, first + count) of a one-dimensional dataset of strings.
std::vector<std::string> read_strings(hid_t dataset, std::string const& where, std::int64_t first,
                                      std::int64_t count);

/// The strings of variable length that are one member of compounds.
std::vector<std::string> read_member_strings(hid_t dataset, std::string const& where,
                                             std::string const& member, std::int64_t first,
                                             std::int64_t count);

/// Rows [first, first + count) of a dataset of numbers as `as`.
void read_numbers(hid_t dataset, std::string const& where, std::int64_t first, std::int64_t count,
                  format::ElementType as, void* out);

/// Rows [first, first + count) of a dataset of compounds, as these members.
void read_members(hid_t dataset, std::string const& where, std::int64_t first, std::int64_t count,
                  std::span<Hdf5Member const> members, void* out);

}  // namespace partita::io
