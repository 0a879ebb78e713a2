#pragma once

#include "partita/format/id_reader.hpp"

#include <memory>
#include <string>

namespace partita::format {

/// Open a .npy file of shape (n,) or (n, 1) that holds ids: integers (or other numbers that are
/// whole), byte strings ("S"), or text ("U", given as UTF-8).
/// @throws Error on any other shape or type, and on zero rows.
std::unique_ptr<IdReader> open_npy_column(std::string const& path);

}  // namespace partita::format
