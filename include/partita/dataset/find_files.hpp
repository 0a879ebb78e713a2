#pragma once

#include <string>
#include <vector>

namespace partita::dataset {

/// The files that a text names: files, folders (their files, by name) and patterns, separated by
/// commas.
///
/// Folders in a folder and names that begin with a dot are left out. All else is listed, links to
/// nowhere and files without permission too: to leave these out would lose data without a word, so
/// opening them is to fail.
/// @throws Error when one of them matches nothing.
std::vector<std::string> find_files(std::string const& paths);

}  // namespace partita::dataset
