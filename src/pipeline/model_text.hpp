#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace partita::pipeline {

/// JSON for people and for large models: a member a line, but numbers of an array on one line.
std::string model_text(nlohmann::json const& value);

}  // namespace partita::pipeline
