#pragma once

#include "partita/pipeline/recipe.hpp"

#include <nlohmann/json_fwd.hpp>

namespace partita::pipeline {

nlohmann::json recipe_to_json(Recipe const& recipe);
/// @throws json::exception for what is missing or of another type.
Recipe recipe_from_json(nlohmann::json const& object);

}  // namespace partita::pipeline
