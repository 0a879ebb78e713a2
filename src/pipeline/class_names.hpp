#pragma once

#include "partita/pipeline/recipe.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

/// The label's texts, its numbers, or "0" to classes - 1.
std::vector<std::string> names_of_classes(Recipe const& recipe, std::int64_t classes);

}  // namespace partita::pipeline
