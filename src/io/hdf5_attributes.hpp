#pragma once

#include "io/hdf5_handle.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace partita::io {

/// A string attribute of one element, of fixed or variable length.
std::optional<std::string> read_text_attribute(hid_t object, std::string const& name);

/// A number attribute of one element.
std::optional<double> read_number_attribute(hid_t object, std::string const& name);

/// All attributes, by name, as people read them: "euclidean", "10", "(3 values)".
std::vector<std::pair<std::string, std::string>> list_attributes(hid_t object);

/// Give an object (a file, a dataset) an attribute of one element, replacing one of that name.
void write_attribute(hid_t object, std::string const& name, std::string const& value);
void write_attribute(hid_t object, std::string const& name, double value);
void write_attribute(hid_t object, std::string const& name, std::int64_t value);

}  // namespace partita::io
