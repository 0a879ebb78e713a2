#pragma once

#include <string>

namespace partita::cli {

/// ", 123 bytes of time 456": a file that was changed has another length or another time. Of
/// "x.h5:/dataset" that of the file; "" when there is none.
std::string state_of_file(std::string const& spec);

/// The same for files, folders and patterns separated by commas: how many, and a hash of all names,
/// lengths and times.
std::string state_of_files(std::string const& paths);

}  // namespace partita::cli
