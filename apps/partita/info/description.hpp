#pragma once

#include "partita/io/describe.hpp"

#include <string>

namespace partita::info {

/// A description for people: aligned lines.
std::string as_text(io::FileDescription const& file);

/// The same for programs: one JSON object, indented; what is not known is null.
std::string as_json(io::FileDescription const& file);

}  // namespace partita::info
