#pragma once

#include <string>
#include <vector>

namespace partita::dataset {

/// The files that a text names: files, folders (their files, by name) and patterns, separated by
/// commas. @throws Error when one of them matches nothing.
std::vector<std::string> find_files(std::string const& paths);

}  // namespace partita::dataset
