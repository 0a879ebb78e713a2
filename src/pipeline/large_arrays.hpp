#pragma once

#include "partita/io/array_file.hpp"

#include <nlohmann/json.hpp>

namespace partita::pipeline {

/// Move the arrays of many numbers out of a tree of JSON. In the place of each, a reference
/// {"array": ["numbers" or "integers", first, count]} stays; of a matrix the length of its rows,
/// too.
io::ArrayFile without_large_arrays(nlohmann::json tree);

/// The tree with its arrays in their places again.
/// @throws Error when a reference leads nowhere, or the text is no JSON.
nlohmann::json with_large_arrays(io::ArrayFile const& file);

}  // namespace partita::pipeline
